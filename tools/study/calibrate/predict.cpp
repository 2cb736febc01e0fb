#include <algorithm>
#include <cmath>
#include <limits>

#include "scenarios/build.h"
#include "sim/metrics.h"
#include "tools/score/traffic.h"
#include "tools/study/calibrate/calibrate.h"

namespace blis {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double tpot_or_none(double ttft, double e2e, std::int32_t tokens) {
  return tokens > 1 ? tpot(e2e - ttft, tokens) : kUnknown;
}

double throughput(const RunResult& run) {
  Time first = kNever, last{};
  double tokens = 0;
  for (const RequestRecord& r : run.requests) {
    if (!has_full_answer(r)) continue;
    first = std::min(first, r.arrival);
    last = std::max(last, r.last_token);
    tokens += r.output_tokens;
  }
  return last > first ? tokens / Seconds(last - first).count() : kUnknown;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return values.empty() ? kUnknown : sum / static_cast<double>(values.size());
}

constexpr const char* kNames[] = {"TTFT", "TPOT", "E2E"};
std::vector<double> values(std::span<const PairedRequest> requests, PairedField field) {
  std::vector<double> all;
  for (const PairedRequest& r : requests) {
    if (std::isfinite(r.*field)) all.push_back(r.*field);
  }
  return all;
}

double figure_of(const Metrics& m, std::string_view key) {
  if (key == "output_throughput") return m.output_throughput;
  const Stats& stats = key.ends_with("_ttft_ms") ? m.ttft : key.ends_with("_tpot_ms") ? m.tpot : m.e2el;
  if (key.starts_with("mean_")) return stats.mean;
  return key.starts_with("median_") ? stats.median : stats.p99;
}

bool is_mean(std::string_view key) {
  return key.starts_with("mean_") || key == "output_throughput";
}

void add_summary(const BenchmarkSummary& summary, const SimulationConfig& config, bool several, bool last,
                 Prediction& prediction) {
  TrafficSource source(summary.traffic);
  const Metrics metrics = summarize(simulate(config, source));
  for (const SummaryFigure& f : summary.figures) {
    prediction.figures.push_back(
        {f.key, f.measured, figure_of(metrics, f.key), several ? last : !is_mean(f.key)});
  }
  prediction.kv_usage_peak = std::max(prediction.kv_usage_peak, metrics.kv_usage_peak);
  prediction.preemptions += metrics.preemptions;
}

}  // namespace

Prediction predict(const ResolvedScenario& scenario, std::span<const Benchmark> benchmarks) {
  const std::unique_ptr<ExplainedModel> latency = make_latency_model(scenario);
  const SimulationConfig config = simulation_config(scenario, *latency);
  Prediction prediction;
  std::size_t scored = 0;
  for (const Benchmark& benchmark : benchmarks) {
    if (benchmark.summary) {
      add_summary(*benchmark.summary, config, benchmarks.size() > 1, &benchmark == &benchmarks.back(),
                  prediction);
      continue;
    }
    const Traffic traffic = replay(MeasuredCase{}, benchmark.requests);
    TrafficSource source(traffic);
    const RunResult run = simulate(config, source);
    for (std::size_t i = 0; i < benchmark.requests.size(); ++i) {
      const RecordedRequest& m = benchmark.requests[i];
      const RequestRecord& p = run.requests.at(i);
      if (m.failed || !m.ttft_ms || !m.e2e_ms || !has_full_answer(p)) continue;
      const double first = to_ms(ttft(p)), whole = to_ms(e2el(p));
      prediction.requests.push_back(
          {*m.ttft_ms, tpot_or_none(*m.ttft_ms, *m.e2e_ms, m.output_tokens), *m.e2e_ms, first,
           tpot_or_none(first, whole, p.output_tokens), whole,
           benchmarks.size() > 1 ? &benchmark == &benchmarks.back() : scored++ % 2 == 1});
    }
    const Metrics metrics = summarize(run);
    prediction.kv_usage_peak = std::max(prediction.kv_usage_peak, metrics.kv_usage_peak);
    prediction.preemptions += metrics.preemptions;
    const auto files = static_cast<double>(benchmarks.size());
    prediction.measured_throughput += output_throughput(benchmark.requests) / files;
    prediction.predicted_throughput += throughput(run) / files;
  }
  return prediction;
}

double distance(const Prediction& prediction, bool held_out) {
  double sum = 0;
  int metrics = 0;
  for (const auto& [measured, predicted] : kPairedFields) {
    std::vector<double> m, p;
    for (const PairedRequest& r : prediction.requests) {
      if (r.held_out != held_out || !(r.*measured > 0) || !(r.*predicted > 0)) continue;
      m.push_back(std::log(r.*measured));
      p.push_back(std::log(r.*predicted));
    }
    // Quantile by quantile: which request just misses a step is chance, how many do is not.
    std::ranges::sort(m);
    std::ranges::sort(p);
    double squares = 0;
    const std::size_t count = m.size();
    for (std::size_t i = 0; i < count; ++i) squares += (p[i] - m[i]) * (p[i] - m[i]);
    if (count > 0) sum += squares / static_cast<double>(count), ++metrics;
  }
  double squares = 0;
  int figures = 0;
  for (const PairedFigure& f : prediction.figures) {
    if (f.held_out != held_out || !(f.measured > 0) || !(f.predicted > 0)) continue;
    const double error = std::log(f.predicted / f.measured);
    squares += error * error, ++figures;
  }
  if (figures > 0) sum += squares / figures, ++metrics;
  return metrics > 0 ? std::sqrt(sum / metrics) : 0;
}

std::vector<ErrorRow> error_table(const Prediction& prediction) {
  std::vector<ErrorRow> rows;
  for (std::size_t i = 0; i < std::size(kPairedFields); ++i) {
    std::vector<double> measured = values(prediction.requests, kPairedFields[i].first),
                        predicted = values(prediction.requests, kPairedFields[i].second);
    if (measured.empty()) continue;
    const std::string name = kNames[i];
    rows.push_back({name + " mean (ms)", mean(measured), mean(predicted)});
    for (const int q : {50, 90, 99}) {
      if (predicted.empty()) break;
      rows.push_back(
          {name + " p" + std::to_string(q) + " (ms)", percentile(measured, q), percentile(predicted, q)});
    }
  }
  if (!prediction.requests.empty()) {
    rows.push_back({"output tokens/s", prediction.measured_throughput, prediction.predicted_throughput});
  }
  for (const PairedFigure& f : prediction.figures) rows.push_back({f.key, f.measured, f.predicted});
  return rows;
}

}  // namespace blis
