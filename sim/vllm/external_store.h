// KV blocks outside the GPU: what is computed is written there, and what a prompt begins with is read back
// where the GPU's own blocks have been evicted. One link in each direction, first come first served: vLLM's
// OffloadingConnector. Source: vllm/distributed/kv_transfer/kv_connector/v1/offloading/scheduler.py and
// vllm/v1/kv_offload/cpu/manager.py of 2026-08.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "sim/vllm/chunk_eviction.h"
#include "sim/vllm/external_store_config.h"
#include "sim/vllm/kv_connector.h"
#include "sim/vllm/lookup_counts.h"
#include "sim/vllm/scheduler.h"
#include "sim/vllm/storage_tier.h"

namespace blis {

// Content that nobody else has (kPrivateContent) is never asked for again, and not written.
class ExternalStore final : public KvConnector {
 public:
  ExternalStore(const ExternalStoreConfig& config, int block_size);

  // Nothing, if some of it is still on its way there, or on its way back for another request, which will
  // have it in the GPU's cache; or if what this request has written is.
  std::optional<Match> match(const Request& r, std::int32_t local) override;
  void allocated(const Request& r, const Match& match) override;
  bool keeps_blocks(const Request& r) override;

  // --- The engine's side. What follows happens at `now`, when it is known which transfers have ended by
  // `heard`; neither goes back. The GPU is busy with steps that were planned before until `computing_until`.
  void at(Time now, Time heard, Time computing_until) {
    now_ = now, heard_ = heard, computing_until_ = computing_until;
    if (storage_) pass_on();
  }

  // So many first tokens of a request are in the KV cache when the step at hand has ended.
  void computed(const Request& r, int tokens);

  // It has ended.
  void forget(RequestIndex index);

  // Requests whose loads have ended since the last call, and those that are gone whose blocks have been
  // written.
  void take_ended(std::vector<RequestIndex>& loaded, std::vector<RequestIndex>& written);

  // How long the step just scheduled waits for loads that are not asynchronous.
  Duration wait() const;

  // Whether anything is on its way, for which somebody may wait; and when take_ended() has something next.
  bool busy() const {
    return in_.end > heard_ || out_.end > heard_ || !loads_.empty() || !kept_.empty() ||
           (storage_ && storage_->busy(now_));
  }
  Time next_end() const;

  // What was asked for beyond the GPU's own blocks, and what of it was there, in tokens.
  const PrefixStats& stats() const { return stats_; }

 private:
  using Key = ChunkKey;
  struct Link {
    Time free{};  // when the last transfer so far has passed
    Time end{};   // and has arrived
  };
  struct Found {  // chunks that were there when last looked at
    std::size_t first = 0, end = 0;
    Time ready{};               // all of them
    bool read = false;          // somebody loads one
    std::uint64_t changes = 0;  // changes_ as it was
  };
  struct Chain {              // of a request that is not gone
    std::vector<Key> keys;    // of its first chunks, as far as they have names
    std::int32_t tokens = 0;  // that the keys were made from
    std::size_t written = 0;  // chunks
    Time written_until{};     // the last of them
    Found found;
  };
  struct Use {  // of a request's first chunks
    RequestIndex request;
    std::size_t chunks;
  };
  struct Passing {  // between host memory and storage
    Time end;
    std::vector<Key> keys;
  };
  struct Load {
    Time end;
    RequestIndex request;
    std::vector<Key> keys;
  };
  struct Kept {
    Time end;
    RequestIndex request;
  };

  Chain& chain_of(const Request& r);
  std::size_t chunks_of(std::int32_t tokens) const;
  Time transfer(Link& link, Time from, std::int64_t tokens);
  void look(Chain& chain, std::size_t first, std::size_t end);
  bool look_further(const Request& r, std::size_t first, std::size_t end);
  bool promote(Key key);
  void pass_on();
  void use(RequestIndex request, std::size_t chunks);
  void note_uses(std::size_t uses);
  bool make_room(std::size_t chunks, std::span<const Key> keep);
  bool is_due(Key key) const;

  ExternalStoreConfig config_;
  int chunk_tokens_;
  Time now_{}, heard_{}, computing_until_{};
  Link in_, out_;
  Time wait_until_{};
  StoredChunks stored_;
  std::unique_ptr<ChunkEviction> eviction_;
  std::optional<LookupCounts> counts_;  // where there is a threshold
  std::uint64_t changes_ = 1;           // evictions, and loads that began or ended
  std::vector<Use> uses_;               // that eviction_ has not heard of, each request once
  std::unordered_map<RequestIndex, Chain> chains_;
  std::int32_t local_ = 0;  // of the request that was asked about last
  std::deque<Load> loads_;  // by their end
  std::vector<Kept> kept_;
  std::vector<Key> fresh_, missing_;  // of the write at hand
  std::optional<StorageTier> storage_;
  std::deque<Passing> to_pass_on_;  // written to host memory then
  std::deque<Passing> passed_on_;   // to storage
  std::vector<Key> promoted_;       // of the look-up at hand
  PrefixStats stats_;
};

}  // namespace blis
