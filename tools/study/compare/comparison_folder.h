// The folder that `-o DIR` of a comparison names.
#pragma once

#include <optional>
#include <string>

#include "tools/study/compare/compare_report.h"

namespace blis {

// Throws InputError (usage) if there is the result of a run, or, unless it may be replaced, of a comparison.
void require_no_other_result(const std::string& folder, bool replace);

// What is true of this comparison and not of what it says: in meta.json, so that compare.json repeats byte
// for byte.
struct ComparisonFacts {
  std::string command_line;
  std::string started;  // UTC, ISO 8601
};

// compare.json, points.csv, meta.json (with facts) and sweep.resolved.yaml; what shards left beside their
// points goes. Throws InputError (io).
void write_comparison_folder(const std::string& folder, const CompareReport& report,
                             const std::optional<ComparisonFacts>& facts = std::nullopt);

}  // namespace blis
