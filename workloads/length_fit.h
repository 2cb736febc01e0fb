// The parametric length distribution nearest to a sample.
#pragma once

#include <string>
#include <vector>

#include "workloads/workload_spec.h"

namespace blis {

struct LengthFit {
  Distribution distribution;  // clamped to the sample's smallest and largest length
  std::string description;    // "lognormal, mean 1155, stddev 1109"
  double distance = 1;        // Kolmogorov-Smirnov, of the clamped distribution, 0 to 1
};

// The nearest of constant, uniform, normal and lognormal (by moments, and by the logarithm's), and
// exponential, their means counting too; the sample's own quantiles where none of them is near.
// `lengths` at least 1, not empty.
LengthFit fit_length(const std::vector<double>& lengths);

// Eighteen quantiles of `values`, which are not empty, from the smallest to the largest.
Distribution quantiles_of(std::vector<double> values);

}  // namespace blis
