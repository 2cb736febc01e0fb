// The oracle's KV-cache manager: which blocks each request holds in each group, what a prompt finds
// cached, and whether tokens fit. Spec, sections 4, 5 and 17.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/oracle/block_pool.h"
#include "tests/oracle/request.h"

namespace blis::oracle {

// For each group, the blocks found; null where the group's attention window does not reach. All
// groups agree on the length.
struct Hit {
  std::vector<std::vector<int>> blocks;
  int tokens = 0;
};

class KvCache {
 public:
  // Keeps a reference.
  explicit KvCache(const SchedulerConfig& config);

  bool caching() const { return config_.enable_prefix_caching; }
  BlockPool& pool() { return pool_; }
  const BlockPool& pool() const { return pool_; }
  // Group after group; empty if it holds none.
  std::vector<int> blocks(const std::string& id) const;
  bool holds_blocks(const std::string& id) const { return !blocks(id).empty(); }

  Hit empty_hit() const { return {std::vector<std::vector<int>>(windows_.size()), 0}; }
  // The longest cached prefix in whole blocks, never covering the last known token.
  Hit lookup(const Request& r) const;

  struct Wanted {
    int tokens = 0;
    int lookahead = 0;
    bool full_fit = false;     // gate A: all known tokens must fit
    bool has_running = false;  // the watermark applies, to admissions
  };
  // The new blocks, or nothing if they do not fit. A refusal changes nothing, except that blocks
  // behind an attention window are freed.
  std::optional<std::vector<int>> allocate(const Request& r, const Wanted& wanted, const Hit& hit);

  // Publishes the full blocks among the first `num_tokens` tokens.
  void publish(const Request& r, int num_tokens);
  void free(const Request& r);

 private:
  struct Held {
    std::vector<int> blocks;
    std::optional<int> published;  // leading blocks with keys; unset: nothing hit or published yet
  };
  using Group = std::map<std::string, Held>;  // by request id

  int blocks_for(int tokens) const { return (tokens + config_.block_size - 1) / config_.block_size; }
  int skipped_blocks(int window, int computed) const;
  int settled(const Request& r, int computed) const;
  int admission_cap(int window) const;
  int blocks_needed(const Request& r, int tokens, int computed, const Hit& hit, bool capped) const;
  void leave_windows(const Request& r, int computed);

  // The groups of each window, full attention first: they are looked up together.
  std::vector<std::vector<std::size_t>> kinds() const;
  bool cached(const Request& r, const std::vector<std::size_t>& kind, int block) const;
  // Blocks that hit among the first `limit`, in all groups of a kind. Into `hit` go their ids.
  int find_full(const Request& r, const std::vector<std::size_t>& kind, int limit, bool drop_last,
                Hit& hit) const;
  int find_window(const Request& r, const std::vector<std::size_t>& kind, int limit, bool drop_last,
                  Hit& hit) const;

  const SchedulerConfig& config_;
  const std::vector<int> windows_;  // one entry a group, 0: full attention
  BlockPool pool_;
  std::vector<Group> groups_;
};

}  // namespace blis::oracle
