// What stands under the table of a comparison: what it rests on, whatever it is written as.
#pragma once

#include <string>
#include <vector>

#include "tools/output/text_table.h"
#include "tools/study/compare/compare_report.h"

namespace blis {

// What was compared, in a line: scenarios, settings with their values, how many points.
std::string what_was_asked(const CompareReport& report);

// Every sentence on what is uncertain or was not tried, as paragraphs.
std::vector<std::string> all_caveats(const CompareReport& report);

// Paragraphs: what marks and words mean, what is uncertain, what was not tried.
std::vector<std::string> evidence(const CompareReport& report);

struct TitledTable {
  std::string title;
  std::vector<TextColumn> columns;
  std::size_t rows = 0;
};
// What each setting does to the first objective; nothing for one setting, as the table itself shows that.
std::vector<TitledTable> effect_tables(const CompareReport& report);
// Every rate that was tried, upwards, with what it gave and the highest that keeps the SLO marked: a table
// for each point of a search, of few points.
std::vector<TitledTable> load_curves(const CompareReport& report);

// Whether some figure has a confidence interval.
bool has_intervals(const CompareReport& report);

}  // namespace blis
