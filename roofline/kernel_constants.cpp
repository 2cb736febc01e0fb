#include "roofline/kernel_constants.h"

#include <array>

namespace blis {
namespace {

using K = KernelConstants;
using Row = KernelConstantRow;

constexpr double kMaxMicros = 1000;
constexpr double kMinEff = 0.001;

constexpr std::array kRows{
    Row{"gemm", "t0_us", 0, kMaxMicros, [](K& k) -> double& { return k.gemm.t0_us; }},
    Row{"gemm", "chain_us", 0, kMaxMicros, [](K& k) -> double& { return k.gemm.chain_us; }},
    Row{"gemm", "memory_eff", kMinEff, 1, [](K& k) -> double& { return k.gemm.memory_eff; }},
    Row{"gemm", "compute_eff", kMinEff, 1, [](K& k) -> double& { return k.gemm.compute_eff; }},
    Row{"gemm", "p", 1, 100, [](K& k) -> double& { return k.gemm.p; }},
    Row{"gemm", "tail", 0, 1, [](K& k) -> double& { return k.gemm.tail; }},
    Row{"gemm", "sag", 0, 1, [](K& k) -> double& { return k.gemm.sag; }},
    Row{"gemm_fp8", "quantize_us", 0, kMaxMicros, [](K& k) -> double& { return k.gemm_fp8.quantize_us; }},
    Row{"gemm_fp8", "cast_us", 0, kMaxMicros, [](K& k) -> double& { return k.gemm_fp8.cast_us; }},
    Row{"gemm_fp8", "compute_share", kMinEff, 1.2, [](K& k) -> double& { return k.gemm_fp8.compute_share; }},
    Row{"gemm_fp8", "tail", 0, 1, [](K& k) -> double& { return k.gemm_fp8.tail; }},
    Row{"decode", "t0_us", 0, kMaxMicros, [](K& k) -> double& { return k.decode.t0_us; }},
    Row{"decode", "chain_us", 0, kMaxMicros, [](K& k) -> double& { return k.decode.chain_us; }},
    Row{"decode", "memory_eff", kMinEff, 1, [](K& k) -> double& { return k.decode.memory_eff; }},
    Row{"decode", "tile_us", 0, kMaxMicros, [](K& k) -> double& { return k.decode.tile_us; }},
    Row{"prefill", "t0_us", 0, kMaxMicros, [](K& k) -> double& { return k.prefill.t0_us; }},
    Row{"prefill", "compute_eff", kMinEff, 1, [](K& k) -> double& { return k.prefill.compute_eff; }},
    Row{"prefill", "tile_us", 0, kMaxMicros, [](K& k) -> double& { return k.prefill.tile_us; }},
    Row{"prefill", "longest", 0, 10, [](K& k) -> double& { return k.prefill.longest; }},
    Row{"prefill", "traffic", 0, 10, [](K& k) -> double& { return k.prefill.traffic; }},
    Row{"prefill", "mixed_rows", 0, 2, [](K& k) -> double& { return k.prefill.mixed_rows; }},
    Row{"all_reduce", "t0_us", 0, kMaxMicros, [](K& k) -> double& { return k.all_reduce.t0_us; }},
    Row{"all_reduce", "one_shot_eff", kMinEff, 1, [](K& k) -> double& { return k.all_reduce.one_shot_eff; }},
    Row{"all_reduce", "two_shot_t0_us", 0, kMaxMicros,
        [](K& k) -> double& { return k.all_reduce.two_shot_t0_us; }},
    Row{"all_reduce", "two_shot_eff", kMinEff, 1, [](K& k) -> double& { return k.all_reduce.two_shot_eff; }},
    Row{"all_reduce", "hop_us", 0, kMaxMicros, [](K& k) -> double& { return k.all_reduce.hop_us; }},
    Row{"all_reduce", "contention", 0, 100, [](K& k) -> double& { return k.all_reduce.contention; }},
    Row{"moe", "t0_us", 0, kMaxMicros, [](K& k) -> double& { return k.moe.t0_us; }},
    Row{"moe", "memory_eff", kMinEff, 1, [](K& k) -> double& { return k.moe.memory_eff; }},
    Row{"moe", "compute_eff", kMinEff, 1, [](K& k) -> double& { return k.moe.compute_eff; }},
    Row{"moe", "p", 1, 100, [](K& k) -> double& { return k.moe.p; }},
    Row{"moe", "pad_rows", 0, 256, [](K& k) -> double& { return k.moe.pad_rows; }},
    Row{"moe", "permute_us", 0, kMaxMicros, [](K& k) -> double& { return k.moe.permute_us; }},
    Row{"moe_fp8", "extra_us", 0, kMaxMicros, [](K& k) -> double& { return k.moe_fp8.extra_us; }},
    Row{"moe_fp8", "compute_share", kMinEff, 1.2, [](K& k) -> double& { return k.moe_fp8.compute_share; }},
    Row{"moe_fp8", "memory_share", kMinEff, 1, [](K& k) -> double& { return k.moe_fp8.memory_share; }},
};

}  // namespace

KernelConstants general_kernel_constants(AttentionKernel attention, bool nvlink, bool consumer) {
  KernelConstants k;
  if (attention != AttentionKernel::flash2) {
    k.gemm = {.t0_us = 3.1778,
              .chain_us = 0.2518,
              .memory_eff = 0.9127,
              .compute_eff = 0.8656,
              .p = 4.3665,
              .tail = 0.0578,
              .sag = 0.0535};
    k.decode.memory_eff = 0.905;
  }
  if (attention == AttentionKernel::flash3) {
    k.prefill = {
        .t0_us = 12.1529, .compute_eff = 0.7023, .tile_us = 1.3756, .longest = 0.7526, .traffic = 2.1858};
  } else if (attention == AttentionKernel::separate) {
    k.prefill = {
        .t0_us = 10.1925, .compute_eff = 0.6316, .tile_us = 2.8658, .longest = 1.9988, .traffic = 1.6549};
  }
  if (!nvlink) {
    k.all_reduce = {.t0_us = 1.5657,
                    .one_shot_eff = 0.5902,
                    .two_shot_t0_us = 19.6782,
                    .two_shot_eff = 0.4117,
                    .hop_us = 3.3647,
                    .contention = 0.3721};
  }
  if (consumer) {
    // Memory without ECC, clocks above the data sheet's; messages cross the host's memory.
    k.gemm.memory_eff = 0.93, k.gemm.compute_eff = 0.98;
    k.prefill.compute_eff = 0.8, k.decode.memory_eff = 0.92;
    if (!nvlink) {
      k.all_reduce = {.t0_us = 50,
                      .one_shot_eff = 0.12,
                      .two_shot_t0_us = 70,
                      .two_shot_eff = 0.15,
                      .hop_us = 10,
                      .contention = 0};
    }
  }
  return k;
}

std::span<const KernelConstantRow> kernel_constant_rows() {
  return kRows;
}

}  // namespace blis
