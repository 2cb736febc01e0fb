#include "tools/study/compare/steady_rate.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace blis {
namespace {

// Nothing for traffic that has no such number.
std::optional<std::int64_t> requests_of(const PointResult& point) {
  const auto* const synthetic = std::get_if<SyntheticSpec>(&point.resolved->scenario.workload.spec.kind);
  return synthetic ? synthetic->num_requests : std::nullopt;
}

PointResult longer(PointResult point) {
  auto resolved = std::make_shared<ResolvedScenario>(*point.resolved);
  auto& synthetic = std::get<SyntheticSpec>(resolved->scenario.workload.spec.kind);
  synthetic.num_requests = *synthetic.num_requests * kLonger;
  point.resolved = std::move(resolved);
  return point;
}

bool agree(const std::optional<double>& a, const std::optional<double>& b) {
  return a && b && std::abs(*a - *b) <= kSteady * std::max(*a, *b);
}

}  // namespace

void find_steady_rate(std::vector<PointResult>& points, const std::vector<std::uint64_t>& seeds,
                      Runner& runner, const PointStore& store, bool resume) {
  find_max_rate(points, seeds, runner, store, resume);
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!points[i].search || !points[i].feasible() || !requests_of(points[i])) continue;
    points[i].search->lengths = {{*requests_of(points[i]), points[i].search->met}};
    if (points[i].search->met) open.push_back(i);
  }
  for (;;) {
    std::erase_if(open, [&](std::size_t i) { return *requests_of(points[i]) > kMostRequests / kLonger; });
    if (open.empty() || !runner.going_on()) break;
    std::vector<PointResult> again;
    for (const std::size_t i : open) {
      points[i].search->complete = false;  // until the longer run has said its answer
      again.push_back(longer(points[i]));
    }
    find_max_rate(again, seeds, runner, store, resume);
    std::vector<std::size_t> still_open;
    for (std::size_t k = 0; k < open.size(); ++k) {
      if (!again[k].search || !again[k].search->complete)
        continue;  // interrupted: the shorter run's answer stays
      RateSearch& search = *again[k].search;
      search.lengths = points[open[k]].search->lengths;
      search.lengths.push_back({*requests_of(again[k]), search.met});
      search.steady = agree(search.lengths.end()[-2].met, search.met);
      if (!search.steady && search.met) still_open.push_back(open[k]);
      points[open[k]] = std::move(again[k]);
    }
    open = std::move(still_open);
  }
  for (const std::size_t i : open) points[i].search->complete = false;  // interrupted
}

}  // namespace blis
