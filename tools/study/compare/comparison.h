// Simulates the points of a grid, each with every seed.
#pragma once

#include <vector>

#include "tools/study/compare/point_result.h"
#include "tools/study/compare/point_store.h"
#include "tools/study/compare/runner.h"

namespace blis {

struct ComparisonPlan {
  std::vector<std::uint64_t> seeds;       // empty: each scenario's own
  bool stop_dominated = false;            // see dominated_by()
  std::vector<std::size_t> objectives{};  // figures, for that
};

// Fills in the runs of the feasible points. With `stop_dominated` seeds are rounds: between two of them, in
// grid order, points that are dominated are left as they are. What `store` has is taken from there; what is
// run is put there. Stopped by the runner's going_on, it leaves what is done.
void simulate_points(std::vector<PointResult>& points, const ComparisonPlan& plan, Runner& runner,
                     const PointStore& store, bool resume);

// The seeds to run a point with.
std::vector<std::uint64_t> seeds_of(const PointResult& point, const std::vector<std::uint64_t>& seeds);

}  // namespace blis
