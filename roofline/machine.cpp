#include "roofline/machine.h"

#include <fmt/core.h>

#include <cmath>

#include "roofline/refuse.h"

namespace blis {
namespace {

constexpr double kTera = 1e12 / 1e6;  // a second's 10^12 in a microsecond
constexpr double kGiga = 1e9 / 1e6;

void require(const Hardware& hw, double value, std::string_view key, std::string_view why) {
  if (std::isfinite(value) && value > 0) return;
  refuse(ErrorKind::usage, fmt::format("GPU `{}` has no usable `{}`", hw.name, key),
         fmt::format("a finite number above 0: {}", why), fmt::format("{}", value),
         "take it from the data sheet, or use latency model `roofline`");
}

AttentionKernel attention_kernel(double compute_capability) {
  if (compute_capability >= 9.0 && compute_capability < 10.0) return AttentionKernel::flash3;
  if (compute_capability >= 10.0 && compute_capability < 12.0) return AttentionKernel::separate;
  return AttentionKernel::flash2;
}

}  // namespace

KernelConstants kernel_constants_of(const Hardware& hw) {
  if (hw.calibrated) return *hw.calibrated;
  return general_kernel_constants(attention_kernel(hw.compute_capability), hw.nvlink_gbs > 0,
                                  hw.consumer_board);
}

Machine make_machine(const Hardware& hw) {
  require(hw, hw.tflops_peak, "TFlopsPeak", "16-bit TFLOP/s");
  require(hw, hw.bw_peak_tbs, "BwPeakTBs", "memory bandwidth in TB/s");
  require(hw, hw.num_sms, "NumSMs", "streaming multiprocessors");
  const bool nvlink = hw.nvlink_gbs > 0;
  Machine m;
  m.flops = hw.tflops_peak * kTera;
  m.flops_fp8 = hw.tflops_fp8 * kTera;
  m.flops_int8 = hw.tflops_int8 * kTera;
  m.flops_fp4 = hw.tflops_fp4 * kTera;
  m.bytes = hw.bw_peak_tbs * kTera;
  m.link = (nvlink ? hw.nvlink_gbs : hw.pcie_gbs) * kGiga;
  m.inter_node = hw.inter_node_gbs * kGiga;
  m.gpus_per_node = hw.gpus_per_node > 0 ? hw.gpus_per_node : 8;
  m.sms = hw.num_sms;
  m.attention = attention_kernel(hw.compute_capability);
  m.nvlink = nvlink;
  m.constants = kernel_constants_of(hw);
  m.provenance = hw.calibrated ? "fitted" : "general";
  return m;
}

double link_rate(const Machine& m, const Hardware& hw, int gpus) {
  if (gpus <= 1) return 0;
  if (gpus > m.gpus_per_node) {
    require(hw, hw.inter_node_gbs, "InterNodeGBs", "the parallel group spans nodes");
    return m.inter_node;
  }
  if (hw.nvlink_gbs <= 0)
    require(hw, hw.pcie_gbs, "NvlinkGBs or PcieGBs", "the GPUs of a parallel group must talk");
  return m.link;
}

}  // namespace blis
