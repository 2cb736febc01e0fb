// Storage behind host memory: vLLM's secondary tier `fs` of one engine. All that reaches host memory is
// written there, and comes back to host memory first. Nothing leaves it. Source:
// vllm/v1/kv_offload/tiering/manager.py, async_lookup.py and fs/manager.py of 2026-08.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sim/request.h"
#include "sim/vllm/chunk_eviction.h"
#include "sim/vllm/external_store_config.h"

namespace blis {

class StorageTier {
 public:
  StorageTier(const StorageConfig& config, double chunk_bytes) : config_(config), chunk_bytes_(chunk_bytes) {}

  // Whether a chunk is there. It is looked up beside the steps, so that who asks first is answered at the
  // next try; the answer then stays what it is as long as a request that has asked for it is not gone.
  enum class Answer : std::uint8_t { later, there, missing };
  Answer look_up(RequestIndex request, ChunkKey key, Time now);
  void forget(RequestIndex request);

  // When so many chunks have been read that are asked for at `now`; and when those of `keys` that are not
  // there yet have been written.
  Time read(std::size_t chunks, Time now);
  Time write(std::span<const ChunkKey> keys, Time now);
  // They have been written.
  void add(std::span<const ChunkKey> keys) { there_.insert(keys.begin(), keys.end()); }

  // Whether somebody waits for an answer or a transfer.
  bool busy(Time now) const { return asked_ >= now || read_until_ > now || written_until_ > now; }

 private:
  struct Verdict {
    Time asked;
    bool there = false;
    std::int32_t requests = 0;  // that have asked
  };

  StorageConfig config_;
  double chunk_bytes_;
  std::unordered_set<ChunkKey> there_;
  std::unordered_map<ChunkKey, Verdict> verdicts_;
  std::unordered_map<RequestIndex, std::unordered_set<ChunkKey>> asked_by_;
  Time asked_{Duration{-1}};  // last
  Time read_until_{}, written_until_{};
};

}  // namespace blis
