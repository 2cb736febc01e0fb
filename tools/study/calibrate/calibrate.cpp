#include "tools/study/calibrate/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "roofline/host_constants.h"
#include "scenarios/calibration_file.h"
#include "tools/score/pattern_search.h"
#include "tools/study/calibrate/joint_intervals.h"
#include "tools/study/calibrate/local_effects.h"

namespace blis {
namespace {

// Bounds of the fit, in the order of calibration_constants(): beyond them the cause is another.
constexpr std::array kAxes{
    SearchAxis{0, 3000},  // step_us
    SearchAxis{0, 40},    // per_sequence_us
    SearchAxis{0, 100},   // api_ms
    SearchAxis{0, 1000},  // api_per_sequence_us
    SearchAxis{0, 0.6},   // slowdown
};
constexpr double kProbe = 0.1;      // share of a range by which a constant is moved to see what it does
constexpr double kVisible = 0.003;  // least effect on the predictions, root mean square, that a fit can use
constexpr double kFirstStep = 0.1, kLastStep = 0.0002;
constexpr int kRounds = 6;
constexpr double kConfident = 0.9;

double& constant(ResolvedScenario& scenario, std::size_t i) {
  LatencySettings& latency = scenario.scenario.latency;
  std::optional<double>& setting = calibration_constants()[i].in(latency);
  if (!setting) setting = i == 0 ? HostConstants{}.step_us : HostConstants{}.per_sequence_us;
  return *setting;
}

bool priced(const ResolvedScenario& scenario, std::size_t i) {
  return scenario.latency->host_terms || calibration_constants()[i].key == "latency.host.api_ms";
}

std::vector<double> logs(const Prediction& prediction) {
  std::vector<double> all;
  for (const PairedRequest& r : prediction.requests) {
    if (r.held_out) continue;
    for (const double v : {r.predicted_ttft, r.predicted_tpot, r.predicted_e2e}) {
      all.push_back(v > 0 ? std::log(v) : 0);
    }
  }
  for (const PairedFigure& f : prediction.figures) {
    if (!f.held_out) all.push_back(f.predicted > 0 ? std::log(f.predicted) : 0);
  }
  return all;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) sum += a[i] * b[i];
  return sum;
}

// How the logarithms of the predictions move with a constant.
std::vector<double> effect(const ResolvedScenario& scenario, std::span<const Benchmark> benchmarks,
                           std::size_t i) {
  ResolvedScenario low = scenario, high = scenario;
  const double width = kProbe * (kAxes[i].high - kAxes[i].low), at = constant(high, i);
  constant(low, i) = std::max(kAxes[i].low, at - width);
  constant(high, i) = std::min(kAxes[i].high, at + width);
  std::vector<double> change = logs(predict(high, benchmarks));
  const std::vector<double> before = logs(predict(low, benchmarks));
  for (std::size_t k = 0; k < change.size() && k < before.size(); ++k) change[k] -= before[k];
  return change;
}

// What of each constant's effect no constant before it has, in order of how much that is.
std::vector<std::size_t> identify(const ResolvedScenario& scenario, std::span<const Benchmark> benchmarks,
                                  std::vector<CalibratedConstant>& constants) {
  std::vector<std::vector<double>> effects(constants.size()), full;
  std::vector<std::size_t> left, found;
  for (std::size_t i = 0; i < constants.size(); ++i) {
    if (!priced(scenario, i)) {
      constants[i].reason = "the latency model has no such constant";
      continue;
    }
    effects[i] = effect(scenario, benchmarks, i);
    left.push_back(i);
  }
  full = effects;
  const auto size = [](const std::vector<double>& v) {
    return v.empty() ? 0.0 : std::sqrt(dot(v, v) / static_cast<double>(v.size()));
  };
  while (!left.empty()) {
    const auto most = std::ranges::max_element(left, {}, [&](std::size_t i) { return size(effects[i]); });
    const std::size_t i = *most;
    if (size(effects[i]) < kVisible) break;
    left.erase(most);
    found.push_back(i);
    for (const std::size_t j : left) {
      const double share = dot(effects[j], effects[i]) / dot(effects[i], effects[i]);
      for (std::size_t k = 0; k < effects[j].size(); ++k) effects[j][k] -= share * effects[i][k];
    }
  }
  for (const std::size_t i : left) {
    constants[i].reason = size(full[i]) < kVisible ? "the predictions do not change along it"
                                                   : "it acts here as the other constants do";
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

Calibration calibrate(const ResolvedScenario& scenario, std::span<const Benchmark> benchmarks) {
  Calibration result;
  ResolvedScenario trial = scenario;
  result.before = predict(scenario, benchmarks);
  for (std::size_t i = 0; i < kAxes.size(); ++i) {
    CalibratedConstant& c = result.constants.emplace_back();
    c.key = calibration_constants()[i].key;
    if (priced(scenario, i)) c.before = constant(trial, i);
  }
  const std::vector<std::size_t> found = identify(scenario, benchmarks, result.constants);
  const auto set = [&](const std::vector<double>& values) {
    for (std::size_t k = 0; k < found.size(); ++k) constant(trial, found[k]) = values[k];
  };
  const auto cost = [&](const std::vector<double>& values) {
    set(values);
    return distance(predict(trial, benchmarks), false);
  };
  std::vector<SearchAxis> axes;
  std::vector<double> start;
  for (const std::size_t i : found) {
    axes.push_back(kAxes[i]);
    start.push_back(std::clamp(result.constants[i].before, kAxes[i].low, kAxes[i].high));
  }
  // Steps of the engine are discrete, so the costs are rough on a small scale: start again from what was
  // found, with steps that are each time others, while that helps.
  std::vector<double> best = start;
  double reached = cost(best);
  for (int round = 0; round < kRounds && !found.empty(); ++round) {
    const double first = kFirstStep * (1 + 0.3 * round);
    const std::vector<double> tried = pattern_search(axes, best, {first, kLastStep, true}, cost);
    const double now = cost(tried);
    if (now < reached) best = tried, reached = now;
  }
  for (std::size_t k = 0; k < found.size(); ++k) {
    CalibratedConstant& c = result.constants[found[k]];
    c.fitted = best[k];
    c.low = c.high = std::numeric_limits<double>::quiet_NaN();
  }
  const auto samples = local_effects(axes, best, [&](const std::vector<double>& values) {
    set(values);
    return predict(trial, benchmarks);
  });
  const std::vector<Interval> intervals = joint_intervals(samples, kConfident);
  for (std::size_t k = 0; k < intervals.size(); ++k) {
    CalibratedConstant& c = result.constants[found[k]];
    c.low = std::max(axes[k].low, best[k] + intervals[k].low);
    c.high = std::min(axes[k].high, best[k] + intervals[k].high);
  }
  set(best);
  result.after = predict(trial, benchmarks);
  result.fit_before = distance(result.before, false);
  result.fit_after = distance(result.after, false);
  result.held_before = distance(result.before, true);
  result.held_after = distance(result.after, true);
  return result;
}

}  // namespace blis
