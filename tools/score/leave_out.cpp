#include "tools/score/leave_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "blis/error.hpp"
#include "tools/score/pattern_search.h"

namespace blis {
namespace {

// Time without asynchronous scheduling is not among them: too few runs show it (docs/latency.md).
constexpr std::array kConstants{
    FittedConstant{"latency.host.step_us", 0, 600},
    FittedConstant{"latency.host.api_ms", 0, 15},
    FittedConstant{"latency.host.api_per_sequence_us", 0, 100},
    FittedConstant{"latency.clocks.slowdown", 0, 0.4},
};
constexpr double kFirstStep = 0.25, kLastStep = 0.02;  // shares of a range

using Values = std::vector<double>;

AccuracyOptions with(const AccuracyOptions& options, const Values& values) {
  AccuracyOptions changed = options;
  for (std::size_t i = 0; i < kConstants.size(); ++i) {
    // What a case says itself comes later and wins, as for runs inside the server's process.
    changed.defaults.push_back({std::string(kConstants[i].key), fmt::format("{}", values[i]), "fit"});
  }
  return changed;
}

// Mean absolute error of the means over the runs: medians of few runs jump.
double loss(std::span<const CaseOutcome> outcomes) {
  double sum = 0;
  std::size_t count = 0;
  for (const CaseOutcome& c : outcomes) {
    const StageOutcome* stage = pooled(c);
    if (!stage || c.measured->overload) continue;
    for (const Metric m : {Metric::ttft_mean, Metric::e2e_mean, Metric::tpot_mean}) {
      const double error = signed_error(*stage, m);
      if (std::isfinite(error)) sum += std::abs(error), ++count;
    }
  }
  return count > 0 ? sum / static_cast<double>(count) : 0;
}

// From the middle of every range.
Values search(const std::function<double(const Values&)>& cost) {
  std::vector<SearchAxis> axes;
  std::vector<double> middle;
  for (const FittedConstant& c : kConstants) {
    axes.push_back({c.low, c.high});
    middle.push_back((c.low + c.high) / 2);
  }
  return pattern_search(axes, middle, {kFirstStep, kLastStep}, cost);
}

std::vector<MetricSummary> score(std::span<const CaseOutcome> outcomes) {
  for (GroupSummary& group : summarize_groups(outcomes)) {
    if (group.group == "all") return std::move(group.metrics);
  }
  return {};
}

std::vector<MeasuredCase> copy_if(std::span<const MeasuredCase> cases,
                                  const std::function<bool(const MeasuredCase&)>& wanted) {
  std::vector<MeasuredCase> chosen;
  std::ranges::copy_if(cases, std::back_inserter(chosen), wanted);
  return chosen;
}

}  // namespace

std::span<const FittedConstant> fitted_constants() {
  return kConstants;
}

std::vector<LeftOut> leave_families_out(std::span<const MeasuredCase> cases, const Catalog& catalog,
                                        const AccuracyOptions& options) {
  const auto scored = [](const MeasuredCase& c) { return !c.is_curve() && !c.overload; };
  std::set<std::string> families;
  for (const MeasuredCase& c : cases) {
    if (scored(c)) families.insert(c.family);
  }
  AccuracyOptions quick = options;
  quick.seeds = 1;
  quick.progress = {};  // nobody knows how many rounds there will be
  std::vector<LeftOut> all;
  for (const std::string& family : families) {
    const std::vector<MeasuredCase> others =
        copy_if(cases, [&](const MeasuredCase& c) { return scored(c) && c.family != family; });
    if (others.empty()) continue;
    const Values found = search(
        [&](const Values& values) { return loss(simulate_cases(others, catalog, with(quick, values))); });
    LeftOut& out = all.emplace_back();
    out.what = family;
    for (std::size_t i = 0; i < found.size(); ++i) out.refitted.emplace_back(kConstants[i].key, found[i]);
    out.cases = copy_if(cases, [&](const MeasuredCase& c) { return scored(c) && c.family == family; });
    out.outcomes = simulate_cases(out.cases, catalog, with(options, found));
    out.metrics = score(out.outcomes);
  }
  return all;
}

std::vector<LeftOut> leave_gpus_out(std::span<const MeasuredCase> cases, const Catalog& catalog,
                                    const std::string& catalogs, const AccuracyOptions& options) {
  const auto gpu_of = [&](const MeasuredCase& c) {
    try {
      return catalog.hardware(c.gpu, {c.id}).name;
    } catch (const InputError&) {
      return std::string();  // the plain score says so
    }
  };
  std::set<std::string> gpus;
  for (const MeasuredCase& c : cases) gpus.insert(gpu_of(c));
  std::vector<LeftOut> all;
  for (const std::string& gpu : gpus) {
    const std::string data = catalogs + "/" + gpu;
    if (gpu.empty() || !std::filesystem::exists(data + "/hardware_config.json")) continue;
    LeftOut& out = all.emplace_back();
    out.what = gpu;
    out.cases = copy_if(cases, [&](const MeasuredCase& c) { return c.judged() && gpu_of(c) == gpu; });
    out.outcomes = simulate_cases(out.cases, Catalog(data), options);
    out.metrics = score(out.outcomes);
    if (out.metrics.empty()) all.pop_back();
  }
  if (all.empty()) {
    throw InputError(ErrorKind::io, Problem{.place = {catalogs},
                                            .message = "no data folder of a GPU that was measured",
                                            .expected = "GPU/hardware_config.json, as in H100-SXM",
                                            .hint = "tools/score/fit/fit.py TABLES --leave-out " + catalogs});
  }
  return all;
}

std::string to_text(std::span<const LeftOut> left_out) {
  std::string text;
  for (const LeftOut& out : left_out) {
    text += fmt::format("Without {}: ", out.what);
    for (const auto& [key, value] : out.refitted) text += fmt::format("{} {:g}  ", key, value);
    text += "\n";
    for (const MetricSummary& m : out.metrics) {
      text +=
          fmt::format("  {:<12}{:>4} cases  {:6.1f} / {:6.1f} / {:3.0f} %   {:+.1f}\n",
                      kMetricNames[static_cast<std::size_t>(m.metric)], m.errors.count, m.errors.median_ape,
                      m.errors.mean_ape, 100 * m.errors.within_10pct, m.errors.median_signed);
    }
  }
  return text;
}

}  // namespace blis
