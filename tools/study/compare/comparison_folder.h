// The folder that `-o DIR` of a comparison names.
#pragma once

#include <string>

#include "tools/study/compare/compare_report.h"

namespace blis {

// Throws InputError (usage) if there is the result of a run, or, unless it may be replaced, of a comparison.
void require_no_other_result(const std::string& folder, bool replace);

// compare.json, points.csv and sweep.resolved.yaml; what shards left beside their points goes. Throws
// InputError (io).
void write_comparison_folder(const std::string& folder, const CompareReport& report);

}  // namespace blis
