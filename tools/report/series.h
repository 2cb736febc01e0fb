// series.json: what the run looked like over time and how its latencies are distributed, at a size
// that does not grow with the run.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tools/simulate/report.h"

namespace blis {

constexpr std::size_t kSeriesBins = 480;

// The run cut into equal pieces of time, all replicas together.
struct TimeSeries {
  Time start{};
  Duration width{};
  struct Bin {
    std::int64_t arrivals = 0, first_tokens = 0, completions = 0;  // requests
    double prefill_tokens = 0, decode_tokens = 0;                  // computed
    double busy = 0;      // share of the time with a step running, mean over replicas with a GPU
    double running = 0;   // sequences admitted, mean over time
    double waiting = 0;   // sequences in the scheduler's queue, mean over time
    double kv_usage = 0;  // share of KV blocks, mean over time and those
    std::int64_t preemptions = 0;
  };
  std::vector<Bin> bins;  // none for a run in which nothing happened
};
// Of folded steps, what falls into two pieces is told apart to a quarter of a piece or better.
TimeSeries time_series(const RunResult& run, const FoldedSteps& folded = FoldedSteps{});

// (percentile, milliseconds) along the distribution: every half percent, and finer in the tail.
using Cdf = std::vector<std::pair<double, double>>;
// Of times in nanoseconds: the one that the percentile falls on, the lower where it falls between two.
Cdf cdf_of(LargeVector<Weighted> samples);

StepHistogram step_histogram(const RunResult& run, const FoldedSteps& folded = FoldedSteps{});

std::string to_series_json(const RunReport& report);

}  // namespace blis
