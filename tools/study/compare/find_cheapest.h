// The smallest, or cheapest, of the given configurations that keeps the SLO.
#pragma once

#include <vector>

#include "tools/study/compare/point_result.h"
#include "tools/study/compare/point_store.h"
#include "tools/study/compare/runner.h"

namespace blis {

enum class Least : std::uint8_t { gpus, usd_per_hour };

struct CheapestSearch {
  std::vector<std::size_t> tried;        // points, in the order in which they were: from the cheapest on
  std::vector<std::size_t> keep;         // of them, those that keep the SLO by their means: equally cheap
  std::vector<std::size_t> surely_keep;  // of these, those with the verdict `meets`
  bool complete = false;                 // it was not stopped before it had its answer
};

// Simulates points from the cheapest on, those that cost the same together, until some keep the SLO; dearer
// points are not run. Throws InputError (usage) for points without an SLO, and for a cost without a price.
CheapestSearch find_cheapest(std::vector<PointResult>& points, Least least,
                             const std::vector<std::uint64_t>& seeds, Runner& runner, const PointStore& store,
                             bool resume);

// What a point costs by this measure.
double cost_of(const PointResult& point, Least least);

}  // namespace blis
