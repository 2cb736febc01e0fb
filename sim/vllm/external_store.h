// KV blocks outside the GPU: everything that is computed is written there, and what a prompt begins with is
// read back where the GPU's own blocks have been evicted. One link in each direction, first come first
// served. vLLM's OffloadingConnector as the scheduler sees it, with a stated latency and bandwidth.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <unordered_map>
#include <vector>

#include "sim/vllm/external_store_config.h"
#include "sim/vllm/kv_connector.h"
#include "sim/vllm/scheduler.h"

namespace blis {

// Content that nobody else has (kPrivateContent) is never asked for again, and not written.
class ExternalStore final : public KvConnector {
 public:
  ExternalStore(const ExternalStoreConfig& config, int block_size)
      : config_(config), block_size_(block_size) {}

  std::optional<Match> match(const Request& r, std::int32_t local) override;
  void allocated(const Request& r, const Match& match) override;
  bool keeps_blocks(const Request& r) override;

  // --- The engine's side. What follows happens at `now`, which never goes back.
  void at(Time now) { now_ = now; }

  // So many first tokens of a request are in the KV cache when the step at hand has ended.
  void computed(const Request& r, int tokens);

  // Requests whose loads have ended since the last call, and those that are gone whose blocks have been
  // written.
  void take_ended(std::vector<RequestIndex>& loaded, std::vector<RequestIndex>& written);

  // How long the step just scheduled waits for loads that are not asynchronous.
  Duration wait() const;

  // Whether anything is on its way, for which somebody may wait.
  bool busy() const { return in_.free > now_ || out_.free > now_ || !loads_.empty() || !kept_.empty(); }

 private:
  using Key = std::uint64_t;  // of a block and all before it
  struct Link {
    Time free{};  // when the last transfer so far has passed
  };
  struct Stored {
    Time ready;  // when it can be read
    std::list<Key>::iterator used;
  };
  struct Chain {              // of a request that is not gone
    std::vector<Key> keys;    // of its first blocks, as far as they have names
    std::int32_t tokens = 0;  // that the keys were made from
    std::size_t written = 0;  // blocks
    Time written_until{};     // the last of them
  };
  struct Pending {
    Time end;
    RequestIndex request;
  };

  Chain& chain_of(const Request& r);
  Time transfer(Link& link, std::int64_t tokens);
  void write(Key key, Time ready);

  ExternalStoreConfig config_;
  int block_size_;
  Time now_{};
  Link in_, out_;
  Time wait_until_{};
  std::unordered_map<Key, Stored> stored_;
  std::list<Key> by_use_;  // the least recently used first
  std::unordered_map<RequestIndex, Chain> chains_;
  std::deque<Pending> loads_;  // by their end
  std::vector<Pending> kept_;
};

}  // namespace blis
