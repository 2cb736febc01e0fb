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

// `times`: seconds, ascending, at least two, the last above 0.
ArrivalFit fit_arrivals(const std::vector<double>& times);

}  // namespace blis
