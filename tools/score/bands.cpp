#include "tools/score/bands.h"

#include <algorithm>
#include <array>
#include <map>

#include "tools/output/json_writer.h"
#include "tools/score/leave_out.h"
#include "tools/score/summary.h"

namespace blis {
namespace {

constexpr std::string_view kDataSheet = "a GPU known by its data sheet";

// What has a term that was fitted to serving runs rather than to kernel tables. These runs have seen their
// own terms; with them refitted without each page in turn, nine of ten errors are within 1.35 (TTFT) to 1.56
// (throughput) times what they are within now (docs/latency.md, "Terms from whole runs"), so the errors of
// such runs count that much larger.
constexpr std::array<std::string_view, 7> kFittedToRuns{"8-bit float experts",
                                                        "4-bit experts",
                                                        "4-bit layers",
                                                        "8-bit weights for 16-bit units",
                                                        "expert parallelism",
                                                        "tensor parallelism over PCIe",
                                                        "a GPU known by its data sheet"};
constexpr double kUnseen = 1.5;
constexpr double kKeepsUp = 1;  // percent

using SamplesByMetric = std::map<Metric, std::vector<ErrorSample>>;

// Latencies of an overloaded run tell how long it lasted. A server that keeps up gets done what it is
// offered, and so does a simulated one: nothing is learnt from an error of the throughput that is nearly
// zero, but in bursts and closed loops.
bool tells(const MeasuredCase& measured, Metric metric, double error) {
  if (metric != Metric::output_throughput) return !measured.overload;
  return measured.overload || measured.loop == Loop::at_once || std::abs(error) > kKeepsUp;
}

void add(Metric metric, double error, const CaseOutcome& c, double load, bool saturated, bool by_sheet,
         SamplesByMetric& samples) {
  if (!std::isfinite(error)) return;
  ErrorSample& s = samples[metric].emplace_back();
  s.group = c.network + " on " + c.gpu;
  s.features = run_features(c.kind, load, saturated);
  const bool has_seen = std::ranges::any_of(
      kFittedToRuns, [&](std::string_view feature) { return std::ranges::count(s.features, feature) > 0; });
  if (by_sheet && std::ranges::count(s.features, kDataSheet) == 0) s.features.emplace_back(kDataSheet);
  s.error_pct = std::abs(error) * (has_seen ? kUnseen : 1);
}

void add_case(const CaseOutcome& c, bool by_sheet, SamplesByMetric& samples) {
  if (!c.problem.empty() || !c.measured->judged()) return;
  if (c.measured->is_curve()) {
    for (const Metric m : {Metric::tpot_mean, Metric::ttft_mean}) {
      const double error = curve_ape(c, m);
      if (tells(*c.measured, m, error)) add(m, error, c, c.load, false, by_sheet, samples);
    }
    return;
  }
  const bool burst = c.measured->loop == Loop::at_once && c.measured->max_concurrency == 0;
  const bool saturated = burst || c.measured->overload;
  for (const StageOutcome& stage : scored_stages(c)) {
    for (const Metric m : judged_metrics()) {
      const double error = signed_error(stage, m);
      if (tells(*c.measured, m, error) && !stage.doubtful[m])
        add(m, error, c, stage.load, saturated, by_sheet, samples);
    }
  }
}

}  // namespace

ErrorBands error_bands(std::span<const CaseOutcome> outcomes, std::span<const LeftOut> left_out,
                       std::vector<BandTest>* tests) {
  SamplesByMetric samples;
  for (const LeftOut& out : left_out) {
    if (!out.refitted.empty()) continue;  // a family, by few constants
    for (const CaseOutcome& c : out.outcomes) add_case(c, true, samples);
  }
  for (const CaseOutcome& c : outcomes) add_case(c, false, samples);
  ErrorBands known;
  for (const Metric metric : judged_metrics()) {
    const auto of = samples.find(metric);
    if (of == samples.end()) continue;
    BandTest test;
    known.metrics.push_back(fit_errors(std::string(name_of(metric)), of->second, &test));
    if (tests != nullptr) tests->push_back(test);
  }
  return known;
}

std::string to_json(const ErrorBands& known, const std::string& source) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("source", source);
  json.key("metrics").begin_list();
  for (const MetricErrors& errors : known.metrics) {
    json.begin_object()
        .member("metric", errors.metric)
        .member("figures", errors.figures)
        .member("groups", errors.groups)
        .member("inside_pct", errors.inside_pct)
        .member("median_pct", errors.median_pct)
        .member("p90_pct", errors.p90_pct);
    json.key("factors").begin_object();
    for (const auto& [feature, factor] : errors.factors) json.member(feature, factor);
    json.end_object().end_object();
  }
  json.end_list().end_object();
  return text + "\n";
}

}  // namespace blis
