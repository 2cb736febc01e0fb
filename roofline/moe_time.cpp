#include "roofline/moe_time.h"

#include <algorithm>
#include <cmath>

namespace blis {

double touched_experts(const MoeShape& s, double tokens) {
  const double chance = std::min(1.0, s.per_token / s.experts);
  return s.local_experts * (1 - std::pow(1 - chance, tokens));
}

KernelCost moe_time(const Machine& machine, const Precision& precision, const MoeShape& s, double tokens) {
  const MoeConstants& c = machine.constants.moe;
  const double touched = touched_experts(s, tokens);
  const double rows = tokens * s.per_token * s.local_experts / s.experts;
  const double weights = touched * s.matrices * s.hidden * s.ffn * precision.weight_bytes;
  const double moved = weights + rows * (2 * s.hidden + s.matrices * s.ffn) * 2 + 4 * tokens * s.hidden;
  double memory = moved / (machine.bytes * std::min(1.0, c.memory_eff * precision.moe_memory_share));
  if (precision.unpack_rate > 0)
    memory = std::max(memory, touched * s.matrices * s.hidden * s.ffn / precision.unpack_rate);
  const double eff = std::min(1.0, c.compute_eff * precision.moe_compute_share);
  const double compute =
      2 * s.matrices * (rows + touched * c.pad_rows) * s.hidden * s.ffn / (precision.flops * eff);
  KernelCost cost;
  const double us = norm(c.p, compute, memory);
  if (compute > memory) {
    cost.add<CostPart::compute>(us);
  } else {
    cost.add<CostPart::weights>(us);
    cost.tell_apart<CostPart::activations>(us * (1 - weights / moved));
  }
  cost.add<CostPart::launch>(c.t0_us + precision.moe_extra_us);
  cost.add<CostPart::activations>(c.permute_us * tokens / 1024 * s.hidden / 4096);
  return cost;
}

}  // namespace blis
