// Fits the gaps between arrivals: which process, with which parameter, and how well.
#pragma once

#include <span>

#include "workloads/workload_spec.h"

namespace blis {

struct RenewalFit {
  ArrivalSpec arrival;  // process, request_rate, and burstiness or shape
  double distance = 1;  // Kolmogorov-Smirnov: the largest difference between the gaps' distribution
                        // function and the fitted one, 0 to 1
};

// The nearest (Poisson, if the others are not clearly nearer) of Poisson, gamma and Weibull (maximum
// likelihood, gamma also by its moments) and constant gaps. `gaps` in seconds, at least 0, not empty, with a
// mean above 0; zeros count as one nanosecond, the clock's resolution.
RenewalFit fit_renewal(std::span<const double> gaps);

// The largest difference between the distribution functions of two samples; neither empty.
double kolmogorov_smirnov(std::vector<double> a, std::vector<double> b);

}  // namespace blis
