// A synthetic workload that mimics a trace, and how well it does. For `blis trace fit`.
#pragma once

#include <string>
#include <vector>

#include "workloads/workload_spec.h"

namespace blis {

struct FitOptions {
  // Distributions for lengths and shared beginnings, which need no trace to run but lose their correlation
  // and their drift; otherwise the trace's own rows arrive, in their order.
  bool parametric = false;
};

struct WorkloadFit {
  WorkloadSpec workload{};              // a TraceSpec with an `arrival`, or parametric a SyntheticSpec
  WorkloadSpec original{};              // the trace as it was read: stamps of a coarse clock are spread
  std::vector<std::string> warnings{};  // about the trace
  std::vector<std::string> goodness{};  // a sentence for each part: what was fitted, and how far it is off
};

// Holds the trace's arrivals and lengths in memory. Of a trace that was given arrivals those are kept. Throws
// InputError; io for a trace of fewer than two requests or without arrival times.
WorkloadFit fit_workload(const TraceSpec& trace, const FitOptions& options = {});

}  // namespace blis
