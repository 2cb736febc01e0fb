// Time of a layer's routed experts on one GPU.
#pragma once

#include "roofline/gemm_time.h"

namespace blis {

// One layer on one rank.
struct MoeShape {
  double hidden = 0;
  double ffn = 0;            // of one expert on this rank
  double experts = 0;        // in the layer
  double local_experts = 0;  // on this rank
  double per_token = 0;      // experts a token goes to
};

// Distinct experts of `local_experts` that `tokens` reach when each picks at random: expected value.
double touched_experts(const MoeShape& shape, double tokens);

// Two grouped products with their routing, alignment and combination. `tokens` > 0 enter the layer.
KernelCost moe_time(const Machine& machine, const Precision& precision, const MoeShape& shape, double tokens);

}  // namespace blis
