// What to take, and why.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

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

// Why a point does not keep the SLO, by how much.
std::string shortcoming(const Row& row) {
  if (row.status == Status::overloaded) return "is overloaded";
  for (const LimitVerdict& limit : row.limits) {
    if (limit.met) continue;
    if (limit.target.at_least) {
      return fmt::format("reaches {} {:.4g} of the {:.4g} asked for", limit.target.key, limit.value,
                         limit.target.limit);
    }
    if (std::isinf(limit.value))
      return fmt::format("misses {}: {}", limit.target.key, too_many_unserved(row));
    if (std::isnan(limit.value)) return fmt::format("has no {}", limit.target.key);
    return fmt::format("misses {} by {:.0f} %", limit.target.key,
                       100 * (limit.value / limit.target.limit - 1));
  }
  return {};
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
  const double a = best.value(objective), b = next.value(objective);
  std::string text = a == b ? "costs the same"
                            : fmt::format("{:.3g} % {}", 100 * std::abs(b / a - 1), b > a ? "more" : "less");
  if (a != b) text = fmt::format("is at {}, {}", said(objective, b), text);
  for (std::size_t i = 1; i < report.objectives.size(); ++i) {
    const std::size_t other = report.objectives[i];
    const double x = best.value(other), y = next.value(other);
    if (std::isnan(x) || std::isnan(y) || x == y) continue;
    text += fmt::format(", but has {} {:.4g} against {:.4g}", figure_kinds()[other].key, y, x);
    if (better(other, x, y)) text.replace(text.rfind(", but"), 5, ", and");
  }
  return text;
}

}  // namespace

Advice advise(const CompareReport& report) {
  const std::size_t objective = report.objectives[0];
  std::vector<std::size_t> good, cheaper;
  const bool slo = std::ranges::any_of(report.points, [](const auto& p) { return !p.targets.empty(); });
  std::vector<std::size_t> ranked;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const bool found = !report.points[i].search || report.points[i].search->met;
    if (found) ranked.push_back(i);
  }
  std::ranges::stable_sort(ranked, [&](std::size_t a, std::size_t b) {
    for (const std::size_t o : report.objectives) {  // of equal ones by the next
      const double x = report.rows[a].value(o), y = report.rows[b].value(o);
      if (better(o, x, y) != better(o, y, x)) return better(o, x, y);
    }
    return false;
  });
  for (const std::size_t i : ranked) {
    const Row& row = report.rows[i];
    if (row.status == Status::ok && (!slo || (row.met && !row.limits.empty()))) {
      good.push_back(i);
    } else if (row.status == Status::ok || row.status == Status::overloaded) {
      cheaper.push_back(i);
    }
  }
  const auto first_targets =
      std::ranges::find_if(report.points, [](const auto& point) { return !point.targets.empty(); });
  const std::string asked = slo ? limits_text(first_targets->targets) : "";
  const auto name = [&](std::size_t i) { return label(report, report.points[i]); };
  if (good.empty()) {
    if (std::ranges::none_of(report.points, &PointResult::feasible)) return {"No point can exist.", {}, {}};
    const bool ran = std::ranges::any_of(report.points, [](const auto& p) { return !p.runs.empty(); });
    if (!slo || !ran) return {"No point has a result to advise from.", {}, {}};
    std::string text =
        fmt::format("None of the points {}keeps {}", report.interrupted ? "so far " : "", asked);
    // The one that comes nearest: the smallest excess over a limit.
    std::optional<std::size_t> nearest;
    double least = 0;
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
      double excess = 0;
      for (const LimitVerdict& limit : report.rows[i].limits) {
        const double ratio =
            limit.target.at_least ? limit.target.limit / limit.value : limit.value / limit.target.limit;
        excess = std::max(excess, std::isnan(ratio) ? std::numeric_limits<double>::infinity() : ratio);
      }
      if (report.rows[i].status != Status::ok || (nearest && excess >= least)) continue;
      nearest = i;
      least = excess;
    }
    if (nearest)
      text += fmt::format("; nearest is {}, which {}", name(*nearest), shortcoming(report.rows[*nearest]));
    return {text + ".", {}, nearest};
  }
  const Row& best = report.rows[good[0]];
  std::string text =
      fmt::format("{}{}: {} at {}", slo ? "Of those that keep " + asked : "Best by the first objective",
                  report.interrupted ? " so far" : "", name(good[0]), said(objective, best.value(objective)));
  if (report.points[good[0]].search)
    text += fmt::format(" and {:.4g} req/s", *report.points[good[0]].search->met);
  if (best.verdict == Verdict::too_close) text += " (too close to call)";
  Advice advice{.text = {}, .point = good[0], .runner_up = {}};
  if (good.size() > 1) {
    advice.runner_up = good[1];
    text += fmt::format("; next, {} {}", name(good[1]), why(report, best, report.rows[good[1]]));
  }
  // What would have been better by the first objective, had it kept the SLO: the nearest that was not
  // overloaded, if there is one.
  std::erase_if(cheaper, [&](std::size_t i) {
    return !better(objective, report.rows[i].value(objective), best.value(objective));
  });
  if (!cheaper.empty()) {
    const auto runs = [&](std::size_t i) { return report.rows[i].status == Status::ok; };
    const auto last = std::find_if(cheaper.rbegin(), cheaper.rend(), runs);
    const std::size_t i = last == cheaper.rend() ? cheaper.back() : *last;
    text += fmt::format(". {} would be at {}, but {}", name(i),
                        said(objective, report.rows[i].value(objective)), shortcoming(report.rows[i]));
  }
  advice.text = text + ".";
  return advice;
}

}  // namespace blis
