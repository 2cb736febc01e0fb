#include "workloads/row_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "workloads/log_columns.h"
#include "workloads/log_rows.h"
#include "workloads/parse_number.h"

namespace blis {

RowFilter::RowFilter(std::span<const std::string> where, const LogRows& rows) {
  struct Sign {
    std::string_view text;
    Relation relation;
  };
  // Longer ones first: they begin like the others.
  static constexpr std::array kSigns{Sign{"!=", Relation::unequal},  Sign{"<=", Relation::at_most},
                                     Sign{">=", Relation::at_least}, Sign{"=", Relation::equal},
                                     Sign{"<", Relation::less},      Sign{">", Relation::more}};
  for (const std::string& text : where) {
    const std::size_t at = text.find_first_of("=!<>");
    const auto sign = std::ranges::find_if(kSigns, [&](const Sign& known) {
      return at != std::string::npos && at > 0 && std::string_view(text).substr(at).starts_with(known.text);
    });
    if (sign == kSigns.end()) {
      fail_usage({.message = "this is no condition on a row",
                  .expected = "COLUMN=VALUE, or with !=, <, <=, >, >=, as in status=200",
                  .got = excerpt(text)});
    }
    conditions_.push_back({.text = text,
                           .column = column_named(rows, text.substr(0, at)),
                           .relation = sign->relation,
                           .value = text.substr(at + sign->text.size())});
  }
}

bool RowFilter::holds(const Condition& condition, std::string_view value) {
  const std::optional<double> left = parse_real(value), right = parse_real(condition.value);
  const bool numbers = left && right;
  switch (condition.relation) {
    case Relation::equal:
      return numbers ? *left == *right : value == condition.value;
    case Relation::unequal:
      return numbers ? *left != *right : value != condition.value;
    case Relation::less:
      return numbers && *left < *right;
    case Relation::at_most:
      return numbers && *left <= *right;
    case Relation::more:
      return numbers && *left > *right;
    case Relation::at_least:
      return numbers && *left >= *right;
  }
  return false;
}

bool RowFilter::keeps(LogRows& rows) {
  if (conditions_.empty()) return true;
  ++seen_;
  for (const Condition& condition : conditions_) {
    if (holds(condition, rows.text(condition.column).value_or(std::string_view{}))) continue;
    ++left_out_;
    return false;
  }
  return true;
}

std::string RowFilter::note() const {
  if (conditions_.empty()) return {};
  std::string texts;
  for (const Condition& condition : conditions_) texts += (texts.empty() ? "" : ", ") + condition.text;
  return fmt::format("{} of {} rows do not have {} and were left out", left_out_, seen_, texts);
}

}  // namespace blis
