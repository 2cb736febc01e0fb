// Predictions beside a user's own measurements, and the few constants that bring them together.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/catalog.h"
#include "scenarios/resolved_scenario.h"
#include "tools/study/calibrate/benchmark_file.h"

namespace blis {

struct LogComparison;

// One scored request: seconds are milliseconds here; TPOT is NaN of a single token.
struct PairedRequest {
  double measured_ttft, measured_tpot, measured_e2e;
  double predicted_ttft, predicted_tpot, predicted_e2e;
  bool held_out = false;
};
// TTFT, TPOT and E2E, measured and predicted.
using PairedField = double PairedRequest::*;
constexpr std::pair<PairedField, PairedField> kPairedFields[] = {
    {&PairedRequest::measured_ttft, &PairedRequest::predicted_ttft},
    {&PairedRequest::measured_tpot, &PairedRequest::predicted_tpot},
    {&PairedRequest::measured_e2e, &PairedRequest::predicted_e2e},
};

// One figure of a summary.
struct PairedFigure {
  std::string key;
  double measured = 0, predicted = 0;
  bool held_out = false;
};

struct Prediction {
  std::vector<PairedRequest> requests;
  std::vector<PairedFigure> figures;                         // of benchmarks that are summaries
  double measured_throughput = 0, predicted_throughput = 0;  // output tokens/s, mean over the files
  double kv_usage_peak = 0;                                  // share of blocks
  std::int64_t preemptions = 0;
};

// Replays the requests of every file at the times they were sent, or draws those of a summary. Which are held
// out: of several files the last; else every second request, or medians and percentiles.
Prediction predict(const ResolvedScenario& scenario, std::span<const Benchmark> benchmarks);

// Root mean square of the logarithms of predicted / measured over TTFT, TPOT and E2E, quantile by quantile,
// and over the figures of summaries: 0.1 is about 10 %.
double distance(const Prediction& prediction, bool held_out);

struct ErrorRow {
  std::string figure;
  double measured = 0, predicted = 0;
};
std::vector<ErrorRow> error_table(const Prediction& prediction);

// What most often makes a prediction wrong, each checked on these requests.
struct Suspect {
  std::string name;
  bool suspicious = false;
  std::string finding;
};
std::vector<Suspect> check_suspects(const ResolvedScenario& scenario, std::span<const Benchmark> benchmarks,
                                    const Prediction& prediction);

struct CalibratedConstant {
  std::string_view key;
  double before = 0;
  std::optional<double> fitted;  // unset: not identified, kept
  double low = 0, high = 0;      // of `fitted`: its 90 % interval, all constants together; NaN: not known
  std::string reason;            // why not
};

struct Calibration {
  std::vector<CalibratedConstant> constants;
  Prediction before, after;
  double fit_before = 0, fit_after = 0, held_before = 0, held_after = 0;  // distances
  bool helps() const { return held_after < held_before; }
};

// A bounded fit to the requests that are not held out. A constant on which no prediction depends, or that
// acts as the others do, keeps its value.
Calibration calibrate(const ResolvedScenario& scenario, std::span<const Benchmark> benchmarks);

// The file that `latency.calibration` names. `command`: the line that made it.
std::string to_calibration_file(const Calibration& calibration, const ResolvedScenario& scenario,
                                std::span<const Benchmark> benchmarks, const std::string& command);
std::string to_text(const Calibration& calibration, std::span<const Suspect> suspects,
                    std::span<const Benchmark> benchmarks);
// `log`, if there is one: the comparison with the server's log.
std::string to_json(const Calibration& calibration, std::span<const Suspect> suspects,
                    const LogComparison* log = nullptr);

}  // namespace blis
