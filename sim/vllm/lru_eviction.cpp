// The policy `lru` of chunk_eviction.h.
#include <algorithm>
#include <cassert>
#include <vector>

#include "sim/vllm/chunk_eviction.h"

namespace blis {
namespace {

class LruEviction final : public ChunkEviction {
 public:
  bool counts_uses() const override { return false; }

  void insert(ChunkKey key, StoredChunk& chunk) override {
    order_.push_back(key);
    chunk.place = std::prev(order_.end());
  }

  void use(std::span<const ChunkKey> keys, StoredChunks& stored, Time) override {
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
      const auto found = stored.find(*key);
      if (found != stored.end()) order_.splice(order_.end(), order_, found->second.place);
    }
  }

  bool evict(std::size_t chunks, StoredChunks& stored, Time now) override {
    leaving_.clear();
    for (const ChunkKey key : order_) {
      if (leaving_.size() == chunks) break;
      const auto found = stored.find(key);
      if (found->second.idle(now)) leaving_.push_back(found);
    }
    if (leaving_.size() < chunks) return false;
    for (const StoredChunks::iterator chunk : leaving_) {
      order_.erase(chunk->second.place);
      stored.erase(chunk);
    }
    return true;
  }

 private:
  std::list<ChunkKey> order_;  // the least recently used first
  std::vector<StoredChunks::iterator> leaving_;
};

}  // namespace

std::unique_ptr<ChunkEviction> make_lru_eviction(std::size_t) {
  return std::make_unique<LruEviction>();
}

std::unique_ptr<ChunkEviction> make_chunk_eviction(std::string_view name, std::size_t capacity) {
  const auto row = std::ranges::find(kChunkEvictions, name, &ChunkEvictionRow::name);
  assert(row != kChunkEvictions.end() && "settings are checked");
  return row->make(capacity);
}

}  // namespace blis
