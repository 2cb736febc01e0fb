// How often chunks of KV have been looked up, of those that were looked up most recently: what vLLM's
// store_threshold asks. Source: CPUOffloadingManager of vllm/v1/kv_offload/cpu/manager.py, 2026-08.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>

#include "sim/vllm/chunk_eviction.h"

namespace blis {

class LookupCounts {
 public:
  // Remembers so many chunks, at least one.
  explicit LookupCounts(std::size_t most) : most_(most) {}

  void count(ChunkKey key) {
    const auto found = counts_.find(key);
    if (found != counts_.end()) {
      ++found->second.times;
      order_.splice(order_.end(), order_, found->second.place);
      return;
    }
    if (counts_.size() >= most_) {
      counts_.erase(order_.front());
      order_.pop_front();
    }
    order_.push_back(key);
    counts_[key] = {1, std::prev(order_.end())};
  }

  int times(ChunkKey key) const {
    const auto found = counts_.find(key);
    return found == counts_.end() ? 0 : found->second.times;
  }

 private:
  struct Count {
    int times = 0;
    std::list<ChunkKey>::iterator place;
  };

  std::size_t most_;
  std::list<ChunkKey> order_;  // the one looked up longest ago first
  std::unordered_map<ChunkKey, Count> counts_;
};

}  // namespace blis
