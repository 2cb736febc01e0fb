#include "tools/study/compare/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/simulate/slo.h"
#include "tools/study/compare/figures.h"

namespace blis {
namespace {

Simulated simulated(std::span<const double> replications) {
  const Estimate value = estimate(replications);
  return {value.mean, value.low_end(), value.high()};
}

LimitVerdict judge(const SloTarget& target, std::size_t index, std::span<const Replication> runs,
                   const Accuracy& accuracy, Overload overload) {
  std::vector<double> values, slower, faster;
  for (const Replication& run : runs) {
    values.push_back(run.slo_values[index]);
    slower.push_back(run.attainment_if_slower);
    faster.push_back(run.attainment_if_faster);
  }
  Simulated value = simulated(values);
  if (!target.at_least) return judge_latency(target, value, accuracy, overload);
  value.low = simulated(slower).low;
  value.high = std::min(simulated(faster).high, 1.0);  // a share
  return judge_share(target, value, accuracy, overload);
}

void judge(Row& row) {
  const std::vector<SloTarget>& targets = row.point->targets;
  const std::span<const Replication> runs = row.point->runs;
  const Overload overload = row.status != Status::overloaded                ? Overload::never
                            : row.overloaded_runs == row.point->runs.size() ? Overload::always
                                                                            : Overload::with_some_seeds;
  row.met = row.status == Status::ok;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    // Replications that cannot differ are one.
    row.limits.push_back(
        judge(targets[i], i, row.identical_runs ? runs.first(1) : runs, row.accuracy, overload));
    row.met = row.met && row.limits.back().met;
    row.beyond_measurement = row.beyond_measurement || row.limits.back().beyond_measurement;
  }
  row.verdict = overall(row.limits);
}

bool takes_part(const Row& row, const std::vector<std::size_t>& objectives) {
  return row.status == Status::ok &&
         std::ranges::none_of(objectives, [&](std::size_t o) { return std::isnan(row.judged(o)); });
}

bool beats(const Row& a, const Row& b, const std::vector<std::size_t>& objectives) {
  bool once = false;
  for (const std::size_t o : objectives) {
    if (better(o, b.judged(o), a.judged(o))) return false;
    once = once || better(o, a.judged(o), b.judged(o));
  }
  return once;
}

// As Row::judged(), of one run.
double judged(const PointResult& point, const Replication& run, std::size_t figure) {
  const auto target = std::ranges::find(point.targets, figure_kinds()[figure].key, &SloTarget::key);
  if (target == point.targets.end()) return run.figures[figure];
  return run.slo_values[static_cast<std::size_t>(target - point.targets.begin())];
}

// A figure over the replications: its worst, or its best, value.
double extreme(const PointResult& point, std::size_t figure, bool worst) {
  double result = kNoFigure;
  for (const Replication& run : point.runs) {
    const double value =
        run.overloaded && figure_kinds()[figure].latency ? kNoFigure : judged(point, run, figure);
    if (std::isnan(value)) {
      if (worst) return kNoFigure;
      continue;
    }
    const bool take = std::isnan(result) || better(figure, value, result) != worst;
    if (take) result = value;
  }
  return result;
}

bool dominates(const PointResult& a, const PointResult& b, const std::vector<std::size_t>& objectives) {
  bool clearly = false;
  for (const std::size_t o : objectives) {
    const double worst = extreme(a, o, true), best = extreme(b, o, false);
    if (std::isnan(worst) || better(o, best, worst)) return false;
    // What is overloaded has no latency at all.
    clearly = clearly || std::isnan(best) || std::abs(worst - best) > kDominanceMargin * std::abs(best);
  }
  return clearly;
}

}  // namespace

std::string_view to_string(Status status) {
  constexpr std::string_view kNames[] = {"ok", "overloaded", "infeasible", "not run"};
  return kNames[static_cast<std::size_t>(status)];
}

double Row::value(std::size_t figure) const {
  return figure < figures.size() ? figures[figure].mean : kNoFigure;
}

double Row::judged(std::size_t figure) const {
  const auto limit = std::ranges::find_if(
      limits, [&](const LimitVerdict& l) { return l.target.key == figure_kinds()[figure].key; });
  return limit == limits.end() || status != Status::ok ? value(figure) : limit->value;
}

std::string unanswered(const Row& row) {
  const double share = row.value(figure_index("failed_share"));
  if (!(share > kMostUnanswered)) return {};
  const double gave_up = row.value(figure_index("gave_up_share"));
  return fmt::format(
      "{:.3g} % of the measured requests have no full answer{}: the table's latencies are of the "
      "others, and limits count them as slowest",
      100 * share, gave_up > 0 ? fmt::format(" ({:.3g} % gave up)", 100 * gave_up) : std::string());
}

std::string too_many_unserved(const Row& row) {
  return fmt::format("{:.3g} % of requests were not served", 100 * row.value(figure_index("failed_share")));
}

Row analyse(const PointResult& point) {
  Row row;
  row.point = &point;
  if (!point.feasible()) {
    row.status = Status::infeasible;
    return row;
  }
  const std::vector<Replication>& runs = point.runs;
  if (runs.empty()) return row;
  row.overloaded_runs =
      static_cast<std::size_t>(std::ranges::count_if(runs, [](const auto& run) { return run.overloaded; }));
  row.status = row.overloaded_runs > 0 ? Status::overloaded : Status::ok;
  row.identical_runs = runs.size() > 1 && std::ranges::all_of(runs, [&](const Replication& run) {
                         return std::ranges::equal(run.figures, runs[0].figures, [](double a, double b) {
                           return a == b || (std::isnan(a) && std::isnan(b));
                         });
                       });
  const std::size_t counted = row.identical_runs ? 1 : runs.size();
  const auto kinds = figure_kinds();
  for (std::size_t f = 0; f < kinds.size(); ++f) {
    std::vector<double> values;
    for (std::size_t r = 0; r < counted; ++r) values.push_back(runs[r].figures[f]);
    const bool meaningless = kinds[f].latency && row.status == Status::overloaded;
    row.figures.push_back(meaningless ? Estimate{} : estimate(values));
  }
  if (point.bands) {
    row.accuracy =
        find_accuracy(*point.bands, deployment_kind(*point.resolved), row.value(figure_index("serving_load")),
                      std::ranges::any_of(runs, [](const auto& run) { return !run.saturation.empty(); }));
  }
  judge(row);
  return row;
}

bool better(std::size_t figure, double a, double b) {
  if (std::isnan(a)) return false;
  if (std::isnan(b)) return true;
  return figure_kinds()[figure].better == Better::more ? a > b : a < b;
}

bool tied(const Row& a, const Row& b, std::size_t figure) {
  const double x = a.judged(figure), y = b.judged(figure);
  if (std::isnan(x) || std::isnan(y)) return false;
  const double apart = std::abs(x - y), size = std::max(std::abs(x), std::abs(y));
  if (apart <= kTie * size) return true;
  if (apart > kDominanceMargin * size || !a.point || !b.point) return false;
  std::vector<double> differences;
  for (std::size_t r = 0; r < std::min(a.point->runs.size(), b.point->runs.size()); ++r) {
    differences.push_back(judged(*a.point, a.point->runs[r], figure) -
                          judged(*b.point, b.point->runs[r], figure));
  }
  const Estimate difference = estimate(differences);
  return difference.has_interval() && difference.low() <= 0 && difference.high() >= 0;
}

void mark_front(std::vector<Row>& rows, const std::vector<std::size_t>& objectives) {
  for (Row& row : rows) {
    row.on_front = takes_part(row, objectives) && std::ranges::none_of(rows, [&](const Row& other) {
                     return takes_part(other, objectives) && beats(other, row, objectives);
                   });
  }
}

std::optional<std::size_t> dominated_by(const std::vector<PointResult>& points, std::size_t i,
                                        const std::vector<std::size_t>& objectives) {
  if (points[i].runs.empty()) return std::nullopt;
  for (std::size_t j = 0; j < points.size(); ++j) {
    if (j == i || points[j].runs.empty() || !dominates(points[j], points[i], objectives)) continue;
    const Row row = analyse(points[j]);
    if (row.met) return j;
  }
  return std::nullopt;
}

}  // namespace blis
