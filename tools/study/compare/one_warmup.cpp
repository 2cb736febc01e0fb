#include "tools/study/compare/one_warmup.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "tools/study/compare/comparison.h"

namespace blis {
namespace {

bool says_its_own(const PointResult& point) {
  const WarmupSettings& warmup = point.resolved->scenario.warmup;
  return warmup.requests || warmup.duration_s;
}

}  // namespace

void leave_out_warmup(CompareReport& report, Runner& runner, const PointStore& store, bool resume) {
  std::vector<PointResult*> open;
  std::vector<PointResult> once;
  for (PointResult& point : report.points) {
    if (!point.feasible() || says_its_own(point)) continue;
    open.push_back(&point);
    once.push_back(point);
  }
  std::vector<std::uint64_t> first_seed = report.sweep.seeds;
  if (!first_seed.empty()) first_seed.resize(1);
  simulate_points(once, {.seeds = first_seed}, runner, store, resume);
  CommonWarmup found;
  for (const PointResult& point : once) {
    if (point.runs.empty()) continue;  // interrupted, or it cannot go on
    ++found.points;
    const Warmup& warmup = point.runs.front().fills_up;
    found.requests = std::max(found.requests, warmup.requests);
    found.unsettled += !warmup.settled;
  }
  report.warmup = found;
  if (found.requests == 0) return;
  for (PointResult* const point : open) {
    auto resolved = std::make_shared<ResolvedScenario>(*point->resolved);
    resolved->scenario.warmup.requests = found.requests;
    point->resolved = std::move(resolved);
  }
  const auto feasible = std::ranges::count_if(report.points, &PointResult::feasible);
  if (std::cmp_equal(open.size(), feasible)) {
    report.sweep.set.push_back({"warmup.requests", std::to_string(found.requests), "--detect-warmup"});
  }
}

}  // namespace blis
