// How wrong a result may be: the errors of measured runs like it, from the scoreboard of `blis accuracy`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/catalog.h"
#include "sim/latency_model.h"
#include "sim/metrics.h"
#include "tools/simulate/deployment_kind.h"

namespace blis {

// The share of a step's time that load brings: 1 - (a lone sequence's step) / (mean time per token), in
// [0, 1). Under a given arrival rate an error e of the step time becomes about e / (1 - load) in
// latencies, as a slower step also makes the batch larger.
double serving_load(const LatencyModel& latency, double mean_context, double mean_tpot_ms);
// The same of a finished run; 0 if nothing decoded.
double serving_load(const LatencyModel& latency, const Metrics& metrics);

// Absolute error of one figure, in percent, over measured runs of this class and load.
struct ScoredBand {
  GpuClass gpu = GpuClass::fitted;
  double load_below = 1;  // and at or above the limit of the band before
  std::string metric;     // ttft_mean, ttft_p90, ttft_p99, e2e_mean, e2e_p90, e2e_p99, tpot_mean
  std::int64_t runs = 0;
  double median_pct = 0, p90_pct = 0;
};

// Loads at which bands end; the last is 1.
constexpr double kLoadLimits[] = {0.4, 0.7, 1.0};

struct ErrorBands {
  std::vector<std::string> features;  // that at least one of the runs behind them had, by name
  std::vector<ScoredBand> bands;
};

// accuracy_bands.json of the data folder, written by `blis accuracy --bands`. Empty if it is not there.
// Throws InputError (io) for a broken one.
ErrorBands read_error_bands(const Catalog& catalog);

// What a result says of its own accuracy.
struct Accuracy {
  GpuClass gpu = GpuClass::fitted;
  double load = 0;
  std::vector<ScoredBand> bands;      // one a metric; none: nothing like it was measured
  std::vector<std::string> unscored;  // features that no measured run had, so errors may be larger
  bool latencies_hold = true;         // false: saturated, so latencies tell how long the run lasted
};
Accuracy find_accuracy(const ErrorBands& known, const DeploymentKind& kind, double load, bool saturated);

// One sentence without a full stop.
std::string to_sentence(const Accuracy& accuracy);

}  // namespace blis
