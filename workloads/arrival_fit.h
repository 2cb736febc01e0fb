// The arrival process nearest to a trace's, under a rate that changes if the trace's does.
#pragma once

#include <string>
#include <vector>

#include "workloads/workload_spec.h"

namespace blis {

struct ArrivalFit {
  ArrivalSpec arrival{};
  std::string goodness{};  // a sentence: what it is, and how far it is off
};

// `times`: seconds, ascending, at least two, the last above 0. No rate is followed in windows shorter than
// `clock_s`, the step of the clock that the times were read from.
ArrivalFit fit_arrivals(const std::vector<double>& times, double clock_s = 0);

}  // namespace blis
