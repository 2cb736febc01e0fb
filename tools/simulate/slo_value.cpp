#include "tools/simulate/slo_value.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "sim/step_summary.h"
#include "tools/simulate/flat_figures.h"
#include "tools/simulate/model_error.h"

namespace blis {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

std::span<const RequestRecord> measured(const JudgedRun& judged) {
  return std::span(judged.run.requests).subspan(first_measured(judged.run, judged.steps.options()));
}

double plain_figure(const Metrics& metrics, std::string_view key) {
  const std::vector<Figure> figures = flat_figures(metrics);
  const auto figure = std::ranges::find(figures, key, &Figure::key);
  return figure == figures.end() ? kNone : std::get<double>(figure->value);
}

// In ascending order.
std::vector<Weighted> served_times(const JudgedRun& judged, std::string_view metric) {
  std::vector<Weighted> times;
  if (metric == "itl_ms") {
    times.assign(judged.steps.token_gaps().begin(), judged.steps.token_gaps().end());
  } else {
    for (const RequestRecord& r : measured(judged)) {
      if (!has_full_answer(r) || (metric == "tpot_ms" && r.output_tokens < 2)) continue;
      const Duration time = metric == "ttft_ms"   ? ttft(r)
                            : metric == "e2el_ms" ? e2el(r)
                            : metric == "tpot_ms" ? tpot(r.last_token - r.first_token, r.output_tokens)
                                                  : r.scheduled - r.queued;
      times.push_back({time.count(), 1});
    }
  }
  std::ranges::sort(times, {}, &Weighted::value);
  return times;
}

// numpy's linear method over the served times, `count` of them, and `never` more behind them.
double percentile_ms(const std::vector<Weighted>& served, std::int64_t count, std::int64_t never, double q) {
  const double rank = static_cast<double>(count + never - 1) * (q / 100);
  const auto below = static_cast<std::int64_t>(rank);
  const double share = rank - static_cast<double>(below);
  const auto at = [&](std::int64_t wanted) {
    for (const Weighted& time : served) {
      if (wanted < time.weight) return to_ms(Duration{time.value});
      wanted -= time.weight;
    }
    return kInfinite;
  };
  const double low = at(below);
  return share == 0 || low == kInfinite ? low : low + (at(below + 1) - low) * share;
}

}  // namespace

std::int64_t not_served(const JudgedRun& judged) {
  return std::ranges::count_if(measured(judged), [](const RequestRecord& r) {
    return !has_full_answer(r) && r.outcome != Outcome::unfinished;
  });
}

double slo_value(const SloTarget& target, const JudgedRun& judged) {
  if (target.at_least) return judged.metrics.attainment.value_or(kNone);
  const std::int64_t refused = not_served(judged);
  const double plain = plain_figure(judged.metrics, target.key);
  if (refused == 0) return plain;
  const std::string_view key = target.key;
  const std::string_view statistic = key.substr(0, key.find('_'));
  const std::string_view metric = key.substr(key.find('_') + 1);
  const std::vector<Weighted> served = served_times(judged, metric);
  std::int64_t count = 0;
  for (const Weighted& time : served) count += time.weight;
  std::int64_t never = refused;
  if (metric == "itl_ms" && judged.metrics.completed > 0) {
    never *= std::max<std::int64_t>(count / judged.metrics.completed, 1);
  }
  if (statistic == "mean") {
    if (served.empty()) return kInfinite;
    const double slowest = to_ms(Duration{served.back().value});
    return (plain * static_cast<double>(count) + slowest * static_cast<double>(never)) /
           static_cast<double>(count + never);
  }
  if (statistic == "max") return kInfinite;
  constexpr std::pair<std::string_view, double> kPercentiles[] = {
      {"median", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}};
  for (const auto& [name, q] : kPercentiles) {
    if (statistic == name) return percentile_ms(served, count, never, q);
  }
  return plain;  // the fastest, and the spread: of those that were served
}

double attainment_if(const JudgedRun& judged, const Accuracy& accuracy, bool slower) {
  GoodputSlo slo = judged.steps.options().goodput;
  const auto stretch = [&](std::optional<double>& limit, std::string_view figure) {
    const auto error = model_error(accuracy, figure);
    // A latency that is off by `e` of the truth is in truth 1 / (1 -+ e) times as long.
    if (limit && error) *limit *= slower ? 1 - *error : 1 + *error;
  };
  stretch(slo.ttft_ms, "mean_ttft_ms");
  stretch(slo.tpot_ms, "mean_tpot_ms");
  stretch(slo.e2el_ms, "mean_e2el_ms");
  const std::span<const RequestRecord> requests = measured(judged);
  if (!slo.any() || requests.empty()) return kNone;
  const auto good = std::ranges::count_if(
      requests, [&](const RequestRecord& r) { return has_full_answer(r) && meets(slo, r); });
  return static_cast<double>(good) / static_cast<double>(requests.size());
}

}  // namespace blis
