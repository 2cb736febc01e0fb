#include "roofline/eight_bit_cache.h"

namespace blis {
namespace {

// Shares of the read rate. Heads of 128 are what the kernels are tuned for.
constexpr double kTunedHeads = 0.925;      // slopes of 54 %, on H100 and B200 alike
constexpr double kOtherHeads = 0.72;       // H100: 71 % with heads of 64, 68 % with 256
constexpr double kOtherHeadsLater = 0.86;  // B200: 58 % with heads of 64
// Cards without 8-bit units expand the cache in software, which takes what the bytes save: a kernel on A100
// needed 1.6 times as long as with 16 bits, one on T4 0.94 times.
constexpr double kExpandedInSoftware = 0.5;

// Hopper sums 8-bit products in two levels, whose registers large heads do not have.
constexpr double kHopperPrefill = 0.91;    // prompts of 20k tokens: TTFT -3 to -4 %
constexpr double kHopperLargeHeads = 1.6;  // heads of 256: the quadratic part of TTFT
constexpr double kExpandingPrefill = 1.2;  // FlashInfer, 16-bit arithmetic: 1.1 on A100, 1.3 on RTX PRO 6000

}  // namespace

EightBitCache eight_bit_cache(const Machine& machine, const AttentionShape& shape) {
  const bool tuned = shape.qk_dim == 128;
  switch (machine.attention) {
    case AttentionKernel::flash3:
      return {.read_share = tuned ? kTunedHeads : kOtherHeads,
              .prefill_times = shape.qk_dim > 128 ? kHopperLargeHeads : kHopperPrefill};
    case AttentionKernel::separate:
      return {.read_share = tuned ? kTunedHeads : kOtherHeadsLater};
    case AttentionKernel::flash2:
      return {.read_share = machine.flops_fp8 > 0 ? 1 : kExpandedInSoftware,
              .prefill_times = kExpandingPrefill};
  }
  return {};
}

}  // namespace blis
