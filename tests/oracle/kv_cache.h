// The oracle's KV-cache manager: which blocks each request holds in each group, what a prompt finds
// cached, and whether tokens fit. Spec, sections 4, 5 and 17.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/oracle/block_pool.h"
#include "tests/oracle/request.h"

namespace blis::oracle {

// For each group, the blocks found; null where the group does not look back to. All groups agree on the
// length.
struct Hit {
  std::vector<std::vector<int>> blocks;
  int tokens = 0;
  // Where another prompt parts from this one, if some group has cached more of it than all have; else 0.
  int shared_prefix_boundary = 0;
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

  Hit empty_hit() const { return {.blocks = std::vector<std::vector<int>>(specs_.size())}; }
  // The longest cached prefix in whole blocks, never covering the last known token.
  Hit lookup(const Request& r) const;

  // A new schedule() call: states of the one before can be copied from now on.
  void new_step() { states_of_this_step_.clear(); }

  struct Wanted {
    int tokens = 0;
    int external = 0;  // tokens that come from elsewhere, after the hit
    int lookahead = 0;
    int reserved = 0;                // blocks that it leaves to others
    bool full_fit = false;           // gate A: all known tokens must fit
    bool has_running = false;        // the watermark applies, to admissions
    bool delay_publication = false;  // a load will fill the blocks
  };
  // The new blocks, or nothing if they do not fit. A refusal changes nothing, except that blocks
  // behind an attention window are freed.
  std::optional<std::vector<int>> allocate(const Request& r, const Wanted& wanted, const Hit& hit);

  // Blocks that it still needs to hold all its known tokens.
  int remaining_blocks(const Request& r) const;

  // Publishes the full blocks among the first `num_tokens` tokens.
  void publish(const Request& r, int num_tokens);
  void free(const Request& r);
  // Its blocks, last ones first; they are not free before pool().free().
  std::vector<int> take_away(const Request& r);

 private:
  struct Held {
    std::vector<int> blocks;
    std::optional<int> published;   // leading blocks that are dealt with; unset: nothing hit or published yet
    std::optional<int> last_state;  // mode align: the block the running state was copied from
  };
  using Group = std::map<std::string, Held>;  // by request id

  int block_size(std::size_t g) const {
    return specs_[g].block_size > 0 ? specs_[g].block_size : config_.block_size;
  }
  int blocks_for(std::size_t g, int tokens) const { return (tokens + block_size(g) - 1) / block_size(g); }
  bool is(std::size_t g, KvKind kind) const { return specs_[g].kind == kind; }
  bool aligned_state(std::size_t g) const {
    return is(g, KvKind::state) && specs_[g].mode == StateMode::align;
  }
  int skipped_blocks(std::size_t g, int computed) const;
  int settled(const Request& r, int computed) const;
  std::optional<int> admission_cap(std::size_t g) const;
  struct Need {
    int tokens = 0;       // with draft slots
    int main_tokens = 0;  // without
    int computed = 0;
    bool capped = false;
  };
  int blocks_needed(const Request& r, const Need& need, const Hit& hit) const;
  int blocks_needed(std::size_t g, const Request& r, const Need& need, const Hit& hit) const;
  bool waits_for_state(const Hit& hit) const;
  void leave_behind(const Request& r, int computed);
  std::vector<int> extend(std::size_t g, Held& held, const Need& need);
  std::vector<bool> kept(std::size_t g, const Request& r, int begin, int end) const;

  int match_size() const;
  BlockKey key(const Request& r, std::size_t g, int block) const;

  // The groups of each kind, full attention first: they are looked up together.
  std::vector<std::vector<std::size_t>> kinds() const;
  bool cached(const Request& r, const std::vector<std::size_t>& kind, int block) const;
  // Blocks that hit among the first `limit`, in all groups of a kind. Into `hit` go their ids.
  int find(const Request& r, const std::vector<std::size_t>& kind, int limit, bool drop_last, Hit& hit) const;
  void keep(const Request& r, const std::vector<std::size_t>& kind, int first, int end, Hit& hit) const;

  const SchedulerConfig& config_;
  const std::vector<KvGroup> specs_;  // one entry a group
  BlockPool pool_;
  std::vector<Group> groups_;
  std::set<BlockKey> states_of_this_step_;  // nobody can go on from a state before its step has ended
};

}  // namespace blis::oracle
