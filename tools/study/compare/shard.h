// One of several parts of a comparison, each for a machine of its own. Which points are whose follows from
// the comparison alone, so that all machines agree without talking.
#pragma once

#include <cstddef>
#include <vector>

#include "tools/study/compare/point_result.h"

namespace blis {

struct Shard {
  std::size_t index = 0;  // from 0
  std::size_t count = 1;
};

constexpr std::size_t kMostShards = 100'000;

// How long the point takes, in any unit: by its requests and, at its rate, the steps they share. What nobody
// knows before (how long a trace is) is the same for all.
double predicted_cost(const ResolvedScenario& scenario);

// The shard of each point: the dearest points first, each to the shard that has least to do, the first of
// equals. Points that cannot exist cost nothing.
std::vector<std::size_t> deal(const std::vector<PointResult>& points, std::size_t shards);

}  // namespace blis
