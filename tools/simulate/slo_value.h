// The figures that limits are held against: those of the result, but that nobody gains by not serving.
#pragma once

#include <vector>

#include "sim/metrics.h"
#include "tools/simulate/error_band.h"
#include "tools/simulate/slo_target.h"

namespace blis {

// A run as limits look at it. All of it outlives this.
struct JudgedRun {
  const RunResult& run;
  const StepSummary& steps;
  const Metrics& metrics;
};

// Measured requests that were refused or given up. Those that an interruption cut off are none of them.
std::int64_t not_served(const JudgedRun& judged);

// In milliseconds, or as a share. A request that was not served counts as slower than any that was: a
// percentile that falls among them is infinite; in a mean each counts as the slowest that was served. It
// counts as one time, and among gaps between tokens as many gaps as a served request has. Without such
// requests this is the figure of the result.
double slo_value(const SloTarget& target, const JudgedRun& judged);

// The share of measured requests that would hold every condition of `goodput` if all latencies were in truth
// as much above (slower), or below, what is simulated as the model's error allows; NaN without a condition.
double attainment_if(const JudgedRun& judged, const Accuracy& accuracy, bool slower);

}  // namespace blis
