// A comparison as Markdown: what to take first, then the table and what it rests on.
#include <fmt/format.h>

#include "tools/output/markdown.h"
#include "tools/study/compare/compare_report.h"
#include "tools/study/compare/compare_table.h"
#include "tools/study/compare/evidence.h"

namespace blis {

std::string to_markdown(const CompareReport& report) {
  std::string text = "## " + markdown_escaped(what_was_asked(report)) + "\n\n";
  const std::string advice = advise(report).text;
  if (!advice.empty()) text += markdown_escaped(advice) + "\n\n";
  const CompareTable points = compare_table(report);
  text += markdown_table(points.columns, points.rows);
  for (std::size_t i = 0; i < points.notes.size(); ++i) {
    text += "\n" + markdown_escaped(fmt::format("[{}] {}", i + 1, points.notes[i])) + "\n";
  }
  for (const std::string& paragraph : evidence(report)) text += "\n" + markdown_escaped(paragraph) + "\n";
  const auto add = [&text](const TitledTable& table) {
    text += "\n" + markdown_escaped(table.title) + ":\n\n" + markdown_table(table.columns, table.rows);
  };
  for (const TitledTable& table : load_curves(report)) add(table);
  for (const TitledTable& table : effect_tables(report)) add(table);
  for (const std::string& warning : report.warnings)
    text += "\nWarning: " + markdown_escaped(warning) + ".\n";
  return text;
}

}  // namespace blis
