// Time of a layer's routed experts on one GPU.
#pragma once

#include "roofline/gemm_time.h"
#include "roofline/moe_shape.h"

namespace blis {

// Distinct experts of `local_experts` that `tokens` reach when each picks at random: expected value.
double touched_experts(const MoeShape& shape, double tokens);

// Two grouped products with their routing, alignment and combination. `tokens` > 0 enter the layer.
KernelCost moe_time(const Machine& machine, const Precision& precision, const MoeShape& shape, double tokens);

}  // namespace blis
