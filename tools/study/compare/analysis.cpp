#include "tools/study/compare/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tools/study/compare/figures.h"
#include "tools/study/compare/model_error.h"

namespace blis {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

LimitVerdict judge_latency(const SloTarget& target, const Estimate& value, const Accuracy& accuracy) {
  LimitVerdict result{target, value, value.low(), value.high(), meets(target, value.mean)};
  // What is simulated is off by a share of the truth.
  if (const auto error = model_error(accuracy, target.key)) {
    result.low /= 1 + *error;
    result.high /= 1 - *error;
  }
  return result;
}

LimitVerdict judge_attainment(const SloTarget& target, const Estimate& value,
                              std::span<const Replication> runs) {
  std::vector<double> slower, faster;
  for (const Replication& run : runs) {
    slower.push_back(run.attainment_if_slower);
    faster.push_back(run.attainment_if_faster);
  }
  return {target, value, estimate(slower).low(), estimate(faster).high(), meets(target, value.mean)};
}

// Whether the latency model was scored, but on no run at such load: its error is then not zero, but unknown.
bool beyond_measurement(const Row& row, const SloTarget& target) {
  const auto& bands = row.point->bands;
  const std::string_view key = target.at_least ? "mean_ttft_ms" : std::string_view(target.key);
  return bands && !bands->metrics.empty() && !model_error(row.accuracy, key);
}

void judge(Row& row) {
  const PointResult& point = *row.point;
  const bool unserved = !gave_up(row).empty();
  bool all_meet = true, any_misses = false;
  row.met = row.status == Status::ok;
  for (const SloTarget& target : point.targets) {
    const Estimate& value = row.figures[figure_index(target.key)];
    LimitVerdict limit = target.at_least ? judge_attainment(target, value, point.runs)
                                         : judge_latency(target, value, row.accuracy);
    if (row.status == Status::overloaded) {
      limit.verdict = row.overloaded_runs == point.runs.size() ? Verdict::misses : Verdict::too_close;
      limit.met = false;
    } else if (unserved && !target.at_least) {
      limit.verdict = Verdict::misses;
      limit.met = false;
    } else if (std::isnan(value.mean)) {
      limit.verdict = Verdict::misses;
    } else if (limit.met && beyond_measurement(row, target)) {
      limit.verdict = Verdict::too_close;
      row.beyond_measurement = true;
    } else if (meets(target, limit.low) && meets(target, limit.high)) {
      limit.verdict = Verdict::meets;
    } else if (meets(target, limit.low) || meets(target, limit.high)) {
      limit.verdict = Verdict::too_close;
    } else {
      limit.verdict = Verdict::misses;
    }
    all_meet = all_meet && limit.verdict == Verdict::meets;
    any_misses = any_misses || limit.verdict == Verdict::misses;
    row.met = row.met && limit.met;
    row.limits.push_back(limit);
  }
  if (!point.targets.empty()) {
    row.verdict = all_meet ? Verdict::meets : any_misses ? Verdict::misses : Verdict::too_close;
  }
}

bool takes_part(const Row& row, const std::vector<std::size_t>& objectives) {
  return row.status == Status::ok &&
         std::ranges::none_of(objectives, [&](std::size_t o) { return std::isnan(row.value(o)); });
}

bool beats(const Row& a, const Row& b, const std::vector<std::size_t>& objectives) {
  bool once = false;
  for (const std::size_t o : objectives) {
    if (better(o, b.value(o), a.value(o))) return false;
    once = once || better(o, a.value(o), b.value(o));
  }
  return once;
}

// A figure over the replications: its worst, or its best, value.
double extreme(const PointResult& point, std::size_t figure, bool worst) {
  double result = kNone;
  for (const Replication& run : point.runs) {
    const double value = run.overloaded && figure_kinds()[figure].latency ? kNone : run.figures[figure];
    if (std::isnan(value)) {
      if (worst) return kNone;
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

std::string_view to_string(Verdict verdict) {
  constexpr std::string_view kNames[] = {"", "meets", "too close to call", "misses"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::string_view to_string(Status status) {
  constexpr std::string_view kNames[] = {"ok", "overloaded", "infeasible", "not run"};
  return kNames[static_cast<std::size_t>(status)];
}

double Row::value(std::size_t figure) const {
  return figure < figures.size() ? figures[figure].mean : kNone;
}

std::string unanswered(const Row& row) {
  const double share = row.value(figure_index("failed_share"));
  if (!(share > kMostUnanswered)) return {};
  const std::string who = gave_up(row);
  return fmt::format("{:.3g} % of the measured requests have no full answer{}; latencies are of the others",
                     100 * share, who.empty() ? "" : fmt::format(" ({})", who));
}

std::string gave_up(const Row& row) {
  const double share = row.value(figure_index("gave_up_share"));
  return share > kMostUnanswered ? fmt::format("{:.3g} % of requests gave up", 100 * share) : "";
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
    row.accuracy = find_accuracy(*point.bands, deployment_kind(*point.resolved),
                                 row.value(figure_index("serving_load")), row.status == Status::overloaded);
  }
  judge(row);
  return row;
}

bool better(std::size_t figure, double a, double b) {
  if (std::isnan(a)) return false;
  if (std::isnan(b)) return true;
  return figure_kinds()[figure].better == Better::more ? a > b : a < b;
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
