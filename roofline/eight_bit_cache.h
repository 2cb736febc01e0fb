// What keys and values stored in 8 bits change of attention, beside that they are half as many bytes.
#pragma once

#include "roofline/attention_shape.h"
#include "roofline/machine.h"

namespace blis {

// Against a cache of 16 bits, by the kernel that vLLM takes for such a cache: FlashAttention 3 in 8-bit
// arithmetic on Hopper, FlashInfer elsewhere.
struct EightBitCache {
  double read_share = 1;     // of the rate, in bytes, at which decoding reads it
  double prefill_times = 1;  // prefill attention's arithmetic takes so many times as long
  double cast_us = 2;        // a layer: queries are cast, or keys and values expanded
};

// From measurements in public (docs/latency.md): two models' slopes over the context on H100 and B200, a
// third with heads of 256 on H100, one on A100, and kernels of RTX PRO 6000 and A100.
EightBitCache eight_bit_cache(const Machine& machine, const AttentionShape& shape);

}  // namespace blis
