// The highest request rate that keeps the SLO, by a bracketed search on common random numbers.
#pragma once

#include <vector>

#include "tools/study/compare/point_result.h"
#include "tools/study/compare/point_store.h"
#include "tools/study/compare/runner.h"

namespace blis {

// The rates that a search may try: at most one per cent apart, and with four digits, so that what is printed
// can be run. Ascending in `index`; rate_at(0) is 1.
double rate_at(int index);
// The last rate that is not above `rate`.
int rate_index(double rate);

// Searches each feasible point, all of them side by side, each rate with every seed. The seeds' requests are
// the same at all rates; only the gaps between them shrink. A rate keeps the SLO if the means over the seeds
// do, and no seed is overloaded. The runs left in a point are those at the highest rate that keeps it. A rate
// that is tried is a point of its own in `store`. Throws InputError (usage) for points without an SLO or
// without a rate. A point that was searched before is searched from what was found then on.
void find_max_rate(std::vector<PointResult>& points, const std::vector<std::uint64_t>& seeds, Runner& runner,
                   const PointStore& store, bool resume);

}  // namespace blis
