// A comparison for people: what was asked, the advice, the table, what it rests on.
#include <fmt/format.h>

#include "tools/study/compare/compare_report.h"
#include "tools/study/compare/compare_table.h"
#include "tools/study/compare/evidence.h"

namespace blis {
namespace {

class Text {
 public:
  explicit Text(std::size_t width) : width_(width) {}

  void paragraph(const std::string& text, std::size_t indent = 0) {
    text_ += wrap_text(text, width_, indent) + "\n";
  }
  void gap() { text_ += "\n"; }
  // Returns the headings that did not fit.
  std::vector<std::string> table(std::vector<TextColumn> columns, std::size_t rows) {
    TextTable fitted = fit_table(std::move(columns), rows, width_);
    text_ += fitted.text;
    return std::move(fitted.left_out);
  }
  void table(TitledTable titled) {
    text_ += "\n" + titled.title + ":\n";
    table(std::move(titled.columns), titled.rows);
  }
  std::string take() && { return std::move(text_); }

 private:
  std::size_t width_;
  std::string text_;
};

}  // namespace

std::string to_text(const CompareReport& report, std::size_t width) {
  Text text(width);
  text.paragraph(what_was_asked(report), 2);
  if (const std::string advice = advise(report).text; !advice.empty()) {
    text.gap();
    text.paragraph(advice);
  }
  text.gap();
  CompareTable points = compare_table(report);
  const std::vector<std::string> left_out = text.table(std::move(points.columns), points.rows);
  text.gap();
  for (std::size_t i = 0; i < points.notes.size(); ++i) {
    text.paragraph(fmt::format("[{}] {}", i + 1, points.notes[i]), 4);
  }
  if (!left_out.empty()) {
    text.paragraph(
        fmt::format("Left out for the width: {}. --columns all shows them, --columns A,B what you name.",
                    fmt::join(left_out, ", ")));
  }
  for (const std::string& paragraph : evidence(report)) text.paragraph(paragraph);
  for (TitledTable& table : load_curves(report)) text.table(std::move(table));
  for (TitledTable& table : effect_tables(report)) text.table(std::move(table));
  return std::move(text).take();
}

}  // namespace blis
