#include "roofline/state_time.h"

#include <algorithm>

#include "roofline/gemm_time.h"

namespace blis {
namespace {

constexpr int kStateKernels = 2;

}  // namespace

void StateTime::add(const Machine& m, const LayerState& s, int layers) {
  const double bytes_rate = m.bytes * m.constants.decode.memory_eff;
  const double flops_rate = m.flops * m.constants.prefill.compute_eff;
  const double compute = s.flops_per_prefill_token / flops_rate;
  const double memory = s.bytes_per_prefill_token / bytes_rate;
  layers_ += layers;
  launch_us_ += layers * kStateKernels * elementwise_time(m, 0).total();
  decode_us_ += layers * std::max(2 * s.bytes / bytes_rate, s.flops_per_decode_token / flops_rate);
  (compute > memory ? compute_us_ : activations_us_) += layers * std::max(compute, memory);
  pass_us_ += layers * s.bytes / bytes_rate;
}

void StateTime::add_prefills(KernelCost& cost, const StepShape& shape) const {
  const auto tokens = static_cast<double>(shape.prefill_tokens);
  double passes = 0;
  for (const PrefillChunk& chunk : shape.prefills) passes += chunk.context > 0 ? 2 : 1;
  cost.add<CostPart::kv>(pass_us_ * passes);
  cost.add<CostPart::compute>(compute_us_ * tokens);
  cost.add<CostPart::activations>(activations_us_ * tokens);
  cost.add<CostPart::launch>(launch_us_);
}

}  // namespace blis
