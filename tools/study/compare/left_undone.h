// What an interruption cost a comparison.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/study/compare/compare_report.h"

namespace blis {

// Whether seeds of the point, or rates that its search needs, were not run, and not because a search or
// another point had made them needless.
bool is_undone(const CompareReport& report, const PointResult& point);

// "1 of 4 points was not run, 2 points have 1 to 3 of the 10 seeds"; empty without an interruption.
std::string left_undone(const CompareReport& report);

// The seeds with which some point was run; without an interruption, those that were asked for.
std::vector<std::uint64_t> seeds_run(const CompareReport& report);

// "3", or "1 to 3"; empty of nothing.
std::string range_of(const std::vector<std::size_t>& counts);

}  // namespace blis
