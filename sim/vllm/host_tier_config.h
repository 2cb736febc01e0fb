// How much of an engine's KV cache host memory holds beside the GPU.
#pragma once

#include <cstdint>

#include "sim/units.h"

namespace blis {

struct HostTierConfig {
  std::int64_t blocks = 0;  // that it holds; 0: there is none
  Duration per_block{0};    // to copy one, in either direction
};

}  // namespace blis
