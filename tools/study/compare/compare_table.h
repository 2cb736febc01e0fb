// The table of a comparison: a row a point, in the order asked for.
#pragma once

#include <string>
#include <vector>

#include "tools/output/text_table.h"
#include "tools/study/compare/compare_report.h"

namespace blis {

struct CompareTable {
  std::vector<TextColumn> columns;
  std::size_t rows = 0;
  std::vector<std::string> notes;  // that cells refer to by number, from [1] on
};
CompareTable compare_table(const CompareReport& report);

// Three significant digits; from a thousand on all before the point.
std::string three_digits(double value);

}  // namespace blis
