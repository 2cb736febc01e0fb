// How many KV blocks there are outside the GPU, and how they are reached.
#pragma once

#include <cstdint>
#include <string>

#include "sim/units.h"

namespace blis {

// Of one engine; reads and writes do not disturb each other.
struct StorageConfig {
  double read_bytes_per_second = 0;  // 0: there is none
  double write_bytes_per_second = 0;
};

struct ExternalStoreConfig {
  double token_bytes = 0;        // of a token in all layers; 0: there is no store
  double bytes_per_second = 0;   // in each direction
  Duration latency{0};           // of a transfer, beside its bytes
  int blocks_per_chunk = 1;      // what is kept and found as one
  std::int64_t chunks = 0;       // that it holds; 0: any number
  std::string eviction = "lru";  // of kChunkEvictions: which leave a full one
  int store_threshold = 0;       // only chunks that were looked up so often are written; below 2: all
  int tracked_lookups = 64'000;  // chunks whose look-ups are counted, at least 1
  bool asynchronous = true;      // a request waits for its load beside others; false: its step does
  bool prompts_only = false;     // what is said after a prompt is not written
  StorageConfig storage{};       // behind it; needs an asynchronous store without a threshold
};

}  // namespace blis
