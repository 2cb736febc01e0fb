// How KV blocks outside the GPU are reached.
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
};

}  // namespace blis
