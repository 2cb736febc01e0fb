// A synthetic workload that mimics a trace, and how well it does. For `blis trace fit`.
#pragma once

#include <string>
#include <vector>

#include "workloads/workload_spec.h"

namespace blis {

struct FitOptions {
  // Draw input and output lengths together from the trace itself; otherwise from the parametric
  // distributions nearest to them, which need no trace to run but lose their correlation.
  bool joint_lengths = true;
};

struct WorkloadFit {
  SyntheticSpec spec{};
  std::vector<std::string> warnings{};  // about the trace
  std::vector<std::string> goodness{};  // a sentence for each part: what was fitted, and how far it is off
};

// Holds the trace's arrivals and lengths in memory. Throws InputError; io for a trace of fewer than
// two requests or without arrival times.
WorkloadFit fit_workload(const TraceSpec& trace, const FitOptions& options = {});

}  // namespace blis
