// How to run a point of a comparison by itself.
#pragma once

#include <optional>
#include <string>

#include "tools/study/compare/compare_report.h"

namespace blis {

// `blis run` of the point with its first seed, from the folder that the comparison ran in, as a shell has it.
// Prices are not in it, and neither is a `--data-dir`. Nothing for a point that cannot exist, one whose rate
// was searched (its runs are many, of several lengths), or a scenario from standard input.
std::optional<std::string> point_command(const CompareReport& report, const PointResult& point);

}  // namespace blis
