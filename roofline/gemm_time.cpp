#include "roofline/gemm_time.h"

#include <algorithm>
#include <cmath>

namespace blis {
namespace {

constexpr double kOutputTile = 128;  // rows and columns of an output tile
constexpr double kMostIdle = 3;      // a small product pays for at most three times its outputs
constexpr double kSagFrom = 2048;

// Small kernels: launch inside a CUDA graph, and the share of bandwidth that streaming reaches. From the
// layer norms and activations of a per-layer profile (docs/latency.md).
constexpr double kElementwiseUs = 2.2;
constexpr double kElementwiseEff = 0.75;

// 4-bit units: no table; the efficiency published for them is about 0.45 of peak against 0.82 in 16 bits.
constexpr double kFp4ComputeShare = 0.55;

// Experts in block-scaled 8 bits: two group quantizations and a permutation more than in 16 bits. The fixed
// part of the Hopper tables; what they add by size is not seen in serving (docs/latency.md).
constexpr double kBlockScaledMoeUs = 23.4;

// 4-bit weights for 16-bit units are unpacked by the general cores: bounded by these rather than by memory
// where memory is fast (Hopper and data-centre Blackwell). Weights a microsecond and SM, from serving of one
// 4-bit model of experts on H100 and H200.
constexpr double kUnpackedPerSm = 45e3;
// Grouped products of unpacked weights (Marlin, Triton): share of the 16-bit peak. Its instructions are
// Ampere's, so that it reaches most of what the older units have and a quarter of Hopper's; on data-centre
// Blackwell nothing is known but a share of the 16-bit product. From serving runs (docs/latency.md).
constexpr double kUnpackedMoeEff = 0.58;
constexpr double kUnpackedMoeP = 2;
constexpr double kUnpackedMoeEffHopper = 0.22;  // Marlin's
constexpr double kTritonMoeEff = 0.27;
constexpr double kUnpackedMoeComputeShare = 0.5;
// Dense products of unpacked weights where copies are not asynchronous: share of the efficiency that is left.
constexpr double kUnpacked4BitShare = 0.66;
constexpr double kUnpacked8BitShare = 0.56;
// Grouped products of 8-bit weights unpacked to 16 bits, and on Hopper of block-scaled ones in 8 bits,
// against the 16-bit grouped product's efficiency.
constexpr double kUnpacked8BitMoeShare = 0.45;
constexpr double kBlockScaledMoeShare = 0.45;
// Gathering, casting, filling and scattering rows around these products on Hopper, which no tensor
// parallelism divides: hidden-sized 16-bit vectors a row. From prefills at tensor parallelism 1 to 8
// (docs/latency.md).
constexpr double kMovedVectors = 12;

}  // namespace

Precision precision_of(const Machine& machine, const Storage& s, double native_bytes) {
  const KernelConstants& k = machine.constants;
  const WeightFormat format = s.format;
  Precision p{.flops = machine.flops,
              .compute_eff = k.gemm.compute_eff,
              .weight_bytes = bytes_per_weight(s, native_bytes),
              .input_bytes = 2,
              .tail = k.gemm.tail};
  auto cast_to = [&](double flops, double input_bytes, double share, double moe_share) {
    p.flops = flops;
    p.compute_eff = std::min(1.0, k.gemm.compute_eff * share);
    p.input_bytes = input_bytes;
    p.tail = k.gemm_fp8.tail;
    p.quantize_us = k.gemm_fp8.quantize_us;
    p.cast_us = k.gemm_fp8.cast_us;
    // Casts with one scale a tensor or a token are plain torch code by default (vllm#19830), the others
    // custom operators that the compiler does not see into.
    p.cast_fuses = format == WeightFormat::fp8_tensor || format == WeightFormat::fp8_channel;
    p.moe_compute_share = moe_share;
    p.moe_memory_share = k.moe_fp8.memory_share;
    p.moe_extra_us = format == WeightFormat::fp8_block || format == WeightFormat::mxfp8 ? kBlockScaledMoeUs
                                                                                        : k.moe_fp8.extra_us;
  };
  const bool older = machine.attention == AttentionKernel::flash2;
  const bool hopper = machine.attention == AttentionKernel::flash3;
  auto unpack = [&] {
    p.moe_compute_share = kUnpackedMoeComputeShare;
    // On Hopper vLLM multiplies mxfp4 experts by Triton's kernels, which fill no blocks and overlap.
    const bool by_triton = hopper && format == WeightFormat::mxfp4;
    p.moe_in_blocks = older || (hopper && !by_triton);
    if (older || by_triton) p.moe_p = kUnpackedMoeP;
    if (older) {
      p.compute_eff *= kUnpacked4BitShare;
      p.moe_compute_eff = kUnpackedMoeEff;
    } else {
      p.unpack_rate = kUnpackedPerSm * machine.sms;
      if (hopper) p.moe_compute_eff = by_triton ? kTritonMoeEff : kUnpackedMoeEffHopper;
      if (hopper) p.moe_row_vectors = kMovedVectors;
    }
  };
  switch (format) {
    case WeightFormat::native:
      break;
    case WeightFormat::int4:
      unpack();
      break;
    case WeightFormat::fp8_tensor:
    case WeightFormat::fp8_channel:
    case WeightFormat::fp8_block:
    case WeightFormat::mxfp8:
      if (machine.flops_fp8 > 0 && s.activation_bits <= 8) {
        const bool in_blocks = hopper && format == WeightFormat::fp8_block;
        cast_to(machine.flops_fp8, 1, k.gemm_fp8.compute_share,
                in_blocks ? kBlockScaledMoeShare : k.moe_fp8.compute_share);
        if (in_blocks) p.moe_row_vectors = kMovedVectors / 2;  // in 8 bits
      } else {
        p.compute_eff *= kUnpacked8BitShare;
        p.moe_compute_share = kUnpacked8BitMoeShare;
      }
      break;
    case WeightFormat::int8:
      if (machine.flops_int8 > 0 && s.activation_bits <= 8) {
        cast_to(machine.flops_int8, 1, k.gemm_fp8.compute_share, k.moe_fp8.compute_share);
      }
      break;
    case WeightFormat::mxfp4:  // where 4-bit units exist, 4-bit weights meet 8-bit activations at 8-bit rate
      if (machine.flops_fp4 > 0 && machine.flops_fp8 > 0) {
        cast_to(machine.flops_fp8, 1, k.gemm_fp8.compute_share, k.moe_fp8.compute_share);
      } else {
        unpack();
      }
      break;
    case WeightFormat::nvfp4:
      if (machine.flops_fp4 > 0 && s.activation_bits <= 4) {
        cast_to(machine.flops_fp4, p.weight_bytes, kFp4ComputeShare, kFp4ComputeShare);
      } else {
        unpack();
      }
      break;
  }
  return p;
}

KernelCost gemm_time(const Machine& machine, const Precision& precision, double m, double n, double k) {
  const GemmConstants& c = machine.constants.gemm;
  const double sms = machine.sms;
  const double tiles = std::ceil(m / kOutputTile) * std::ceil(n / kOutputTile);
  const double whole_waves = std::ceil(tiles / sms) * sms * kOutputTile * kOutputTile;
  const double outputs =
      (1 - precision.tail) * m * n + precision.tail * std::min(kMostIdle * m * n, whole_waves);
  const double sag = m > kSagFrom ? 1 + c.sag * std::log2(m / kSagFrom) : 1;
  // The product of full tiles never undercuts the arithmetic it stands for.
  const double compute = 2 * k * std::max(outputs, m * n) * sag / (precision.flops * precision.compute_eff);
  const double operands = precision.input_bytes * m * k;
  const double bytes = precision.weight_bytes * n * k + operands + 2 * m * n;
  const double memory = bytes / (machine.bytes * c.memory_eff);
  KernelCost cost;
  const double us = norm(c.p, compute, memory);
  if (compute > memory) {
    cost.add<CostPart::compute>(us);
  } else {
    cost.add<CostPart::weights>(us);
    cost.tell_apart<CostPart::activations>(us * (operands + 2 * m * n) / bytes);
  }
  cost.add<CostPart::launch>(c.t0_us + c.chain_us * k / 1024);
  cost.add<CostPart::launch>(precision.quantize_us);
  cost.add<CostPart::activations>(precision.cast_us * m * k / 1e6);
  return cost;
}

Precision after_elementwise(const Precision& precision) {
  Precision p = precision;
  if (p.cast_fuses) p.quantize_us = p.cast_us = 0;
  return p;
}

KernelCost elementwise_time(const Machine& machine, double bytes) {
  KernelCost cost(CostPart::launch, kElementwiseUs);
  cost.add<CostPart::activations>(bytes / (machine.bytes * kElementwiseEff));
  return cost;
}

}  // namespace blis
