// How latencies developed over the run: percentiles in each piece of time.
#pragma once

#include <vector>

#include "tools/report/series.h"

namespace blis {

// A percentile for each piece of time, in milliseconds; NaN where nothing falls into it.
struct LatencyOverTime {
  Duration width{};
  std::vector<double> p50, p99;
};

// Bins of a time series that make one piece, so that pieces have about twenty requests or more, where that
// leaves 48 pieces. Divides kSeriesBins.
std::size_t bins_per_piece(std::size_t requests);

// Time to first token of the requests that arrived in each piece of `series`.
LatencyOverTime ttft_over_time(const RunResult& run, const TimeSeries& series);

// Gaps between tokens that ended in each piece, but for those around preemptions.
LatencyOverTime itl_over_time(const RunResult& run, const TimeSeries& series,
                              const FoldedSteps& folded = FoldedSteps{});

}  // namespace blis
