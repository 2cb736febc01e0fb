#include "roofline/moe_time.h"

#include <algorithm>
#include <cmath>

namespace blis {
namespace {

// Where ranks hold whole experts a step waits for the fullest: what it has beyond the mean, for each doubling
// of the ranks. From serving runs (docs/latency.md).
constexpr double kUneven = 0.1;

// Marlin's block of rows: the smallest that an expert's rows fill less than nine tenths of.
// Source: vllm/model_executor/layers/fused_moe/fused_marlin_moe.py.
double block_rows(double rows_an_expert) {
  for (const double block : {8.0, 16.0, 32.0, 48.0}) {
    if (rows_an_expert / block < 0.9) return block;
  }
  return 64;
}

}  // namespace

double touched_experts(const MoeShape& s, double tokens) {
  const double chance = std::min(1.0, s.per_token / s.experts);
  return s.local_experts * (1 - std::pow(1 - chance, tokens));
}

KernelCost moe_time(const Machine& machine, const Precision& precision, const MoeShape& s, double tokens) {
  const MoeConstants& c = machine.constants.moe;
  const double uneven = 1 + kUneven * std::log2(s.experts / s.local_experts);
  const double touched = std::min(s.local_experts, touched_experts(s, tokens) * uneven);
  const double rows = tokens * s.per_token * s.local_experts / s.experts * uneven;
  const double weights = touched * s.matrices * s.hidden * s.ffn * precision.weight_bytes;
  const double moved = weights + rows * (2 * s.hidden + s.matrices * s.ffn) * 2 + 4 * tokens * s.hidden;
  double memory = moved / (machine.bytes * std::min(1.0, c.memory_eff * precision.moe_memory_share));
  if (precision.unpack_rate > 0)
    memory = std::max(memory, touched * s.matrices * s.hidden * s.ffn / precision.unpack_rate);
  const double eff = precision.moe_compute_eff > 0
                         ? precision.moe_compute_eff
                         : std::min(1.0, c.compute_eff * precision.moe_compute_share);
  // Half a block is empty on average.
  const double pad = precision.moe_in_blocks ? block_rows(tokens * s.per_token / s.experts) / 2 : c.pad_rows;
  const double compute = 2 * s.matrices * (rows + touched * pad) * s.hidden * s.ffn / (precision.flops * eff);
  KernelCost cost;
  const double us = norm(precision.moe_p > 0 ? precision.moe_p : c.p, compute, memory);
  if (compute > memory) {
    cost.add<CostPart::compute>(us);
  } else {
    cost.add<CostPart::weights>(us);
    cost.tell_apart<CostPart::activations>(us * (1 - weights / moved));
  }
  cost.add<CostPart::launch>(c.t0_us + precision.moe_extra_us);
  cost.add<CostPart::activations>(precision.moe_row_vectors * 2 * rows * s.hidden / machine.bytes);
  cost.add<CostPart::activations>(c.permute_us * tokens / 1024 * s.hidden / 4096);
  return cost;
}

}  // namespace blis
