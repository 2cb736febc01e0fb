// Which chunks of KV leave a full store: the cache policies of vLLM's offloading to host memory. Adding one
// is a file and a row. Source: vllm/v1/kv_offload/cpu/policies/ of 2026-08.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>

#include "sim/units.h"

namespace blis {

using ChunkKey = std::uint64_t;  // of a chunk's tokens and all before them

struct StoredChunk {
  Time ready;                           // when it can be read
  std::int32_t readers = 0;             // transfers from it that are under way
  std::int32_t loads = 0;               // those of them that go to the GPU
  bool often = false;                   // as ARC sees it
  std::list<ChunkKey>::iterator place;  // in the policy's order

  bool idle(Time now) const { return ready <= now && readers == 0; }
};
using StoredChunks = std::unordered_map<ChunkKey, StoredChunk>;

class ChunkEviction {
 public:
  virtual ~ChunkEviction() = default;

  // Whether a chunk that is used twice, with no other between, is more than one that is used once.
  virtual bool counts_uses() const = 0;

  // A chunk comes, and is being written.
  virtual void insert(ChunkKey key, StoredChunk& chunk) = 0;

  // Those of `keys` that are stored are used at `now`, the last one first: the end of a prompt leaves before
  // its beginning.
  virtual void use(std::span<const ChunkKey> keys, StoredChunks& stored, Time now) = 0;

  // So many idle chunks leave `stored`. False if it finds too few: then nothing has changed.
  virtual bool evict(std::size_t chunks, StoredChunks& stored, Time now) = 0;
};

struct ChunkEvictionRow {
  std::string_view name;
  std::unique_ptr<ChunkEviction> (*make)(std::size_t capacity);  // chunks; 0: it is never full
};

// The least recently used leaves.
std::unique_ptr<ChunkEviction> make_lru_eviction(std::size_t capacity);
// Adaptive replacement: of those used once or those used again, by which of them are missed.
std::unique_ptr<ChunkEviction> make_arc_eviction(std::size_t capacity);

inline constexpr std::array kChunkEvictions{
    ChunkEvictionRow{"lru", make_lru_eviction},
    ChunkEvictionRow{"arc", make_arc_eviction},
};

// Requires that there is one of this name.
std::unique_ptr<ChunkEviction> make_chunk_eviction(std::string_view name, std::size_t capacity);

}  // namespace blis
