// What to take, and why.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "tools/study/compare/compare_report.h"
#include "tools/study/compare/figures.h"

namespace blis {
namespace {

// How the figure of an objective is said.
std::string said(std::size_t figure, double value) {
  const std::string& key = figure_kinds()[figure].key;
  if (key == "usd_per_million_output_tokens") return fmt::format("${:.3g} per million output tokens", value);
  if (key == "usd_per_million_tokens") return fmt::format("${:.3g} per million tokens", value);
  if (key == "usd_per_hour") return fmt::format("${:.4g} an hour", value);
  if (key == "gpus") return fmt::format("{:.0f} GPU{}", value, value == 1 ? "" : "s");
  if (key == "output_throughput_per_gpu") return fmt::format("{:.4g} output tokens/s per GPU", value);
  return fmt::format("{} {:.4g}", key, value);
}

// "13 %", "0.12 %".
std::string short_percent(double share) {
  return std::abs(share) < 0.1 ? fmt::format("{:.2g} %", 100 * share) : fmt::format("{:.0f} %", 100 * share);
}

// By what share a figure is beyond its limit, or within it (negative); infinite if there is none.
double excess(const LimitVerdict& limit) {
  const double ratio = limit.value / limit.target.limit;
  if (std::isnan(ratio)) return std::numeric_limits<double>::infinity();
  return limit.target.at_least ? 1 - ratio : ratio - 1;
}
// The limit that is furthest from being kept; there must be one.
const LimitVerdict& worst_limit(const Row& row) {
  return *std::ranges::max_element(row.limits, {}, [](const LimitVerdict& limit) { return excess(limit); });
}
double excess(const Row& row) {
  const bool judged = row.status == Status::ok && !row.limits.empty();
  return judged ? excess(worst_limit(row)) : std::numeric_limits<double>::infinity();
}

// Why a point does not keep the SLO, by how much.
std::string shortcoming(const Row& row) {
  if (row.status == Status::overloaded) return "is overloaded";
  if (row.limits.empty()) return "has no SLO";
  const LimitVerdict& limit = worst_limit(row);
  if (limit.target.at_least) {
    return fmt::format("reaches {} {:.4g} of the {:.4g} asked for", limit.target.key, limit.value,
                       limit.target.limit);
  }
  if (std::isinf(limit.value)) return fmt::format("misses {}: {}", limit.target.key, too_many_unserved(row));
  if (std::isnan(limit.value)) return fmt::format("has no {}", limit.target.key);
  return limit.verdict == Verdict::too_close
             ? fmt::format("is simulated {} above {} {:g}, which is within the error",
                           short_percent(excess(limit)), limit.target.key, limit.target.limit)
             : fmt::format("misses {} by {}", limit.target.key, short_percent(excess(limit)));
}

std::string limits_text(const std::vector<SloTarget>& targets) {
  std::string text;
  for (const SloTarget& target : targets) {
    text += fmt::format("{}{} {} {:g}", text.empty() ? "" : " and ", target.key,
                        target.at_least ? ">=" : "<=", target.limit);
  }
  return text;
}

// What the runner-up has over the winner, or lacks.
std::string why(const CompareReport& report, const Row& best, const Row& next) {
  const std::size_t objective = report.objectives[0];
  const double a = best.judged(objective), b = next.judged(objective);
  std::string text = a == b ? "costs the same"
                     : tied(best, next, objective)
                         ? "is a tie: the difference is within the noise"
                         : fmt::format("is at {}, {} {}", said(objective, b),
                                       short_percent(std::abs(b / a - 1)), b > a ? "more" : "less");
  for (std::size_t i = 1; i < report.objectives.size(); ++i) {
    const std::size_t other = report.objectives[i];
    const double x = best.judged(other), y = next.judged(other);
    if (std::isnan(x) || std::isnan(y) || tied(best, next, other)) continue;
    const bool counted = x != best.value(other) || y != next.value(other);
    text += fmt::format(", {} has {} {:.4g} against {:.4g}{}", better(other, x, y) ? "and" : "but",
                        figure_kinds()[other].key, y, x, counted ? " with what was not served" : "");
  }
  return text;
}

// Nothing if the point's GPUs have several prices, or none.
std::optional<double> price_of_gpu(const PointResult& point) {
  if (!point.resolved || !point.resolved->pools.empty()) return std::nullopt;
  const auto usd = point.resolved->usd_per_hour();
  return usd ? std::optional(*usd / point.gpus()) : std::nullopt;
}

// What would have to be otherwise for another choice: how far the SLO is kept, and at what price the
// runner-up costs the same.
std::string flips(const CompareReport& report, std::size_t best, std::optional<std::size_t> next) {
  if (report.goal == Goal::max_rate) return {};  // a highest rate is next to its limit
  std::vector<std::string> reasons;
  const Row& row = report.rows[best];
  // A share of good requests is next to its limit more often than a latency, and says less.
  const auto room = [](const LimitVerdict& limit) {
    return std::pair(limit.target.at_least, -excess(limit));
  };
  const auto narrowest = std::ranges::min_element(row.limits, {}, room);
  if (narrowest != row.limits.end() && std::isfinite(narrowest->value)) {
    const SloTarget& target = narrowest->target;
    reasons.push_back(target.at_least ? fmt::format("{} fell from {:.4g} below {:.4g}", target.key,
                                                    narrowest->value, target.limit)
                                      : fmt::format("{} were {} longer than simulated", target.key,
                                                    short_percent(target.limit / narrowest->value - 1)));
  }
  const std::size_t objective = report.objectives[0];
  if (next && figure_kinds()[objective].key.starts_with("usd_")) {
    const PointResult &mine = report.points[best], &other = report.points[*next];
    const auto price = price_of_gpu(other);
    const double a = row.value(objective), b = report.rows[*next].value(objective);
    if (price && price_of_gpu(mine) && mine.resolved->hardware.name != other.resolved->hardware.name &&
        a < b) {
      reasons.push_back(fmt::format("{} cost ${:.3g} an hour instead of ${:.3g}",
                                    other.resolved->hardware.name, *price * a / b, *price));
    }
  }
  return reasons.empty() ? ""
                         : fmt::format(" The choice would be another if {}.", fmt::join(reasons, ", or if "));
}

// How far apart the best and the worst of these are.
double spread(const CompareReport& report, const std::vector<std::size_t>& points, std::size_t figure) {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (const std::size_t i : points) {
    least = std::min(least, report.rows[i].judged(figure));
    most = std::max(most, report.rows[i].judged(figure));
  }
  return most / least - 1;
}

std::string nothing_matters(const CompareReport& report, const std::vector<std::size_t>& good) {
  std::vector<std::string> spreads;
  for (const std::size_t o : report.objectives) {
    spreads.push_back(fmt::format("{} by {}", figure_kinds()[o].key, short_percent(spread(report, good, o))));
  }
  return fmt::format("None of these settings matters here: {} points differ in {} at most", good.size(),
                     fmt::join(spreads, " and in "));
}

// Points, from the best on by the objectives; of equal ones by the next.
std::vector<std::size_t> ranked_points(const CompareReport& report) {
  std::vector<std::size_t> ranked;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    if (!report.points[i].search || report.points[i].search->met) ranked.push_back(i);
  }
  std::ranges::stable_sort(ranked, [&](std::size_t a, std::size_t b) {
    for (const std::size_t o : report.objectives) {
      const double x = report.rows[a].judged(o), y = report.rows[b].judged(o);
      if (better(o, x, y) != better(o, y, x)) return better(o, x, y);
    }
    return false;
  });
  return ranked;
}

// Of `points`, the one that comes nearest to keeping the SLO; nothing of none.
std::optional<std::size_t> nearest_miss(const CompareReport& report, const std::vector<std::size_t>& points) {
  const auto nearest =
      std::ranges::min_element(points, {}, [&](std::size_t i) { return excess(report.rows[i]); });
  return nearest == points.end() ? std::nullopt : std::optional(*nearest);
}

Advice nothing_keeps(const CompareReport& report, const std::string& asked) {
  if (std::ranges::none_of(report.points, &PointResult::feasible)) return {"No point can exist.", {}, {}};
  const bool ran = std::ranges::any_of(report.points, [](const auto& p) { return !p.runs.empty(); });
  if (asked.empty() || !ran) return {"No point has a result to advise from.", {}, {}};
  std::string text = fmt::format("None of the points {}keeps {}", report.interrupted ? "so far " : "", asked);
  std::vector<std::size_t> ran_well;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    if (report.rows[i].status == Status::ok) ran_well.push_back(i);
  }
  const auto nearest = nearest_miss(report, ran_well);
  if (nearest) {
    text += fmt::format("; nearest is {}, which {}", label(report, report.points[*nearest]),
                        shortcoming(report.rows[*nearest]));
  }
  return {text + ".", {}, nearest};
}

}  // namespace

Advice advise(const CompareReport& report) {
  const std::size_t objective = report.objectives[0];
  const auto with_slo =
      std::ranges::find_if(report.points, [](const auto& point) { return !point.targets.empty(); });
  const bool slo = with_slo != report.points.end();
  const std::string asked = slo ? limits_text(with_slo->targets) : "";
  std::vector<std::size_t> good, others;
  for (const std::size_t i : ranked_points(report)) {
    const Row& row = report.rows[i];
    if (row.status == Status::ok && (!slo || (row.met && !row.limits.empty()))) {
      good.push_back(i);
    } else if (row.status == Status::ok || row.status == Status::overloaded) {
      others.push_back(i);
    }
  }
  if (good.empty()) return nothing_keeps(report, asked);
  const auto name = [&](std::size_t i) { return label(report, report.points[i]); };
  const Row& best = report.rows[good[0]];
  Advice advice{.text = {}, .point = good[0], .runner_up = {}};
  if (good.size() > 1) advice.runner_up = good[1];
  std::string text = fmt::format(
      "{}{}: {} at {}", slo ? "Of those that keep " + asked : "Best by the first objective",
      report.interrupted ? " so far" : "", name(good[0]), said(objective, best.judged(objective)));
  if (report.points[good[0]].search)
    text += fmt::format(" and {:.4g} req/s", *report.points[good[0]].search->met);
  if (best.verdict == Verdict::too_close) text += " (too close to call)";
  if (good.size() > 1 && all_tied(report, good)) {
    text = nothing_matters(report, good) + (slo ? fmt::format("; all of them keep {}", asked) : "");
  } else if (good.size() > 1) {
    text += fmt::format("; next, {} {}", name(good[1]), why(report, best, report.rows[good[1]]));
  }
  // What would have been no worse by the first objective, had it kept the SLO.
  std::erase_if(others, [&](std::size_t i) {
    const double value = report.rows[i].judged(objective);
    return std::isnan(value) || better(objective, best.judged(objective), value);
  });
  if (const auto miss = nearest_miss(report, others)) {
    text +=
        fmt::format(". The nearest that does not: {} at {}, but it {}", name(*miss),
                    said(objective, report.rows[*miss].value(objective)), shortcoming(report.rows[*miss]));
  }
  advice.text = text + "." + flips(report, good[0], advice.runner_up);
  return advice;
}

}  // namespace blis
