// How often a draw from a distribution is so large: what the engine needs of one from which it draws counts.
#pragma once

#include "workloads/workload_spec.h"

namespace blis {

// The share of draws that, rounded to nearest and clamped to [min, max], are at least `count` > 0. Exact.
// Requires a checked distribution that is not empirical.
double share_at_least(const Distribution& distribution, int count);

}  // namespace blis
