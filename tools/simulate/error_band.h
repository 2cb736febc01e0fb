// How wrong a result may be: errors of measured runs like it, from the scoreboard of `blis accuracy`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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

// Absolute error of one figure, in percent, over measured runs like a given one.
struct ScoredBand {
  std::string metric;  // ttft_mean, ttft_p90, ttft_p99, e2e_mean, ..., tpot_mean, output_throughput
  std::int64_t runs = 0;
  double median_pct = 0, p90_pct = 0;
  friend bool operator==(const ScoredBand&, const ScoredBand&) = default;
};

// How the errors of one figure grow with what a run has: a factor for each feature, from measured runs. Each
// error comes from constants and bands that had not seen its group, a model family on a GPU.
struct MetricErrors {
  std::string metric;
  std::int64_t figures = 0, groups = 0;  // behind it
  double median_pct = 0, p90_pct = 0;    // of a run that has no feature
  std::vector<std::pair<std::string, double>> factors;
  double inside_pct = 0;  // of the figures, when their group is left out; nine of ten is the promise
};

struct ErrorBands {
  std::vector<MetricErrors> metrics;
};

// The band of a run with these features; none if one of them was not measured.
std::optional<ScoredBand> band_of(const MetricErrors& errors, std::span<const std::string> features);

// The features of a run: its deployment's, and how it was loaded.
std::vector<std::string> run_features(const DeploymentKind& kind, double load, bool saturated);

// accuracy_bands.json of the data folder, written by `blis accuracy --bands`. Empty if it is not there.
// Throws InputError (io) for a broken one.
ErrorBands read_error_bands(const Catalog& catalog);

// What a result says of its own accuracy.
struct Accuracy {
  GpuClass gpu = GpuClass::fitted;
  std::string evidence;  // what speaks for the GPU's step times
  double load = 0;
  std::vector<ScoredBand> bands;      // one a metric; none: nothing like it was measured
  std::vector<std::string> unscored;  // features that no measured run had: there is no figure for it
  std::vector<std::string> asked;     // what the user's limits are on, as metrics; empty: nothing particular
  bool scored = false;                // the latency model was: where there is no band, the error is unknown
  bool latencies_hold = true;         // false: saturated, so latencies tell how long the run lasted
};
Accuracy find_accuracy(const ErrorBands& known, const DeploymentKind& kind, double load, bool saturated);

// The metric that a key of result.json is scored as: `p95_ttft_ms` as ttft_p99. Empty: it is not.
std::string_view scored_as(std::string_view figure);

// The metrics that limits are on, each once: a limit on every request's TTFT is on ttft_p90. What is not
// scored goes by its key.
std::vector<std::string> limited_metrics(const SloSettings& slo);

// One sentence without a full stop: of what was asked, else of the means.
std::string to_sentence(const Accuracy& accuracy);

}  // namespace blis
