// The highest request rate that keeps the SLO, whatever the length of the run.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/study/compare/find_rate.h"

namespace blis {

// A short run ends before a backlog shows, and keeps rates that a long one does not. So what find_max_rate
// finds is searched again with kLonger times the requests, until two answers in a row are no further apart
// than kSteady or a run would have more than kMostRequests; RateSearch::lengths has them all, and the point's
// runs and settings are those of the last. Traffic whose number of requests is not said (a trace, a duration)
// is searched as it is. Throws like find_max_rate.
void find_steady_rate(std::vector<PointResult>& points, const std::vector<std::uint64_t>& seeds,
                      Runner& runner, const PointStore& store, bool resume);
constexpr int kLonger = 4;
constexpr std::int64_t kMostRequests = 200'000;
constexpr double kSteady = 0.02;

}  // namespace blis
