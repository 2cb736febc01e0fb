#include "tools/study/compare/find_cheapest.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "blis/error.hpp"
#include "tools/study/compare/analysis.h"
#include "tools/study/compare/comparison.h"
#include "tools/study/compare/refuse_deaths.h"

namespace blis {
namespace {

void check(const PointResult& point, Least least) {
  if (point.targets.empty()) {
    throw InputError(ErrorKind::usage,
                     Problem{.message = "a search for the cheapest needs an SLO to keep",
                             .expected = "--slo p99_ttft_ms=500, or `slo:` in the scenario"});
  }
  refuse_deaths(point);
  for (const ResolvedScenario& pool : pools_of(*point.resolved)) {
    if (!pool.scenario.autoscaling) continue;
    throw InputError(
        ErrorKind::usage,
        Problem{.message = "what a deployment costs whose size follows its load is not known before it runs",
                .expected = "a comparison of its points, or a scenario without `autoscaling`"});
  }
  if (least == Least::usd_per_hour && !point.resolved->usd_per_hour()) {
    std::string gpu;
    for (const ResolvedScenario& pool : pools_of(*point.resolved)) {
      if (!pool.scenario.hardware.price_usd_per_gpu_hour) gpu = pool.hardware.name;
    }
    throw InputError(ErrorKind::usage,
                     Problem{.message = fmt::format("`--find min-cost` needs your price of a {}", gpu),
                             .expected = fmt::format("--price {}=2.50, in US dollars an hour", gpu)});
  }
}

}  // namespace

double cost_of(const PointResult& point, Least least) {
  if (!point.feasible()) return std::numeric_limits<double>::infinity();
  if (least == Least::gpus) return point.gpus();
  return point.resolved->usd_per_hour().value_or(0);
}

CheapestSearch find_cheapest(std::vector<PointResult>& points, Least least,
                             const std::vector<std::uint64_t>& seeds, Runner& runner, const PointStore& store,
                             bool resume) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!points[i].feasible()) continue;
    check(points[i], least);
    order.push_back(i);
  }
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return cost_of(points[i], least); });
  CheapestSearch result;
  std::size_t next = 0;
  bool enough = false, all_ran = true;
  while (next < order.size() && !enough && runner.going_on()) {
    const double cost = cost_of(points[order[next]], least);
    std::vector<std::size_t> level;
    while (next < order.size() && cost_of(points[order[next]], least) == cost) level.push_back(order[next++]);
    std::vector<PointResult> batch;
    batch.reserve(level.size());
    for (const std::size_t i : level) batch.push_back(points[i]);
    simulate_points(batch, {.seeds = seeds}, runner, store, resume);
    const bool first_that_keeps = result.keep.empty();
    for (std::size_t b = 0; b < batch.size(); ++b) {
      const Row row = analyse(batch[b]);
      const bool can_run = batch[b].feasible();  // it could have turned out that it cannot
      const bool ran = can_run && batch[b].runs.size() == seeds_of(batch[b], seeds).size();
      if (!batch[b].runs.empty()) result.tried.push_back(level[b]);
      points[level[b]] = std::move(batch[b]);
      all_ran = all_ran && (ran || !can_run);
      if (!ran) continue;
      if (row.met && first_that_keeps) result.keep.push_back(level[b]);
      if (row.verdict == Verdict::meets) result.surely_keep.push_back(level[b]);
      // Where nobody knows the model's error, more GPUs do not make it known.
      enough = enough || row.verdict == Verdict::meets || (row.met && row.beyond_measurement);
    }
  }
  result.complete = all_ran && (enough || next == order.size());
  return result;
}

}  // namespace blis
