// How many KV blocks there are outside the GPU, and how they are reached.
#pragma once

#include <cstdint>

#include "sim/units.h"

namespace blis {

struct ExternalStoreConfig {
  double token_bytes = 0;       // of a token in all layers; 0: there is no store
  double bytes_per_second = 0;  // in each direction
  Duration latency{0};          // of a transfer, beside its bytes
  std::int64_t blocks = 0;      // that it holds, the least recently used leaving first; 0: any number
  bool asynchronous = true;     // a request waits for its load beside others; false: its step does
  bool prompts_only = false;    // what is said after a prompt is not written
};

}  // namespace blis
