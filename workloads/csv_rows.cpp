#include "workloads/csv_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "sim/letter_case.h"
#include "sim/nearest_name.h"
#include "workloads/parse_number.h"

namespace blis {
namespace {

constexpr std::size_t kMaxColumns = 1000;

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool CsvLine::split(std::string_view line, std::size_t limit) {
  if (std::memchr(line.data(), '"', line.size()) != nullptr) return split_quoted(line, limit);
  fields.clear();
  count = 0;
  const char* p = line.data();
  const char* const end = p + line.size();
  const char stop = separator;
  for (;;) {
    // Fields are a few characters long: a plain loop beats memchr.
    const char* const begin = p;
    while (p != end && *p != stop) ++p;
    if (count++ < limit) fields.emplace_back(begin, static_cast<std::size_t>(p - begin));
    if (p == end) return true;
    ++p;
  }
}

bool CsvLine::split_quoted(std::string_view line, std::size_t limit) {
  fields.clear();
  scratch_.clear();
  scratch_.reserve(std::min(limit, line.size()));  // views of its strings must stay valid
  count = 0;
  std::size_t at = 0;
  for (;;) {
    std::string_view field;
    if (at < line.size() && line[at] == '"') {
      std::string unquoted;
      for (++at;; ++at) {
        if (at >= line.size()) return false;
        if (line[at] != '"') {
          unquoted += line[at];
        } else if (at + 1 < line.size() && line[at + 1] == '"') {
          unquoted += line[at++];
        } else {
          break;
        }
      }
      ++at;
      if (at < line.size() && line[at] != separator) return false;
      if (count < limit) field = scratch_.emplace_back(std::move(unquoted));
    } else {
      const std::size_t stop = std::min(line.find(separator, at), line.size());
      field = line.substr(at, stop - at);
      if (field.find('"') != std::string_view::npos) return false;
      at = stop;
    }
    if (count++ < limit) fields.push_back(field);
    if (at >= line.size()) return true;
    ++at;
  }
}

CsvRows::CsvRows(LineReader lines, std::vector<std::string> columns, char separator)
    : lines_(std::move(lines)), columns_(std::move(columns)) {
  row_.separator = separator;
  if (columns_.empty()) read_header();
}

void CsvRows::read_header() {
  if (!lines_.next(line_)) {
    fail_file(lines_.place(), {.message = "the file is empty"});
  }
  if (!row_.split(line_, kMaxColumns) || row_.count > kMaxColumns) {
    fail_file(lines_.place(),
              {.message = "this does not read as a header of column names",
               .expected = fmt::format("at most {} names, separated by `{}`", kMaxColumns, row_.separator),
               .got = excerpt(line_)});
  }
  for (const std::string_view field : row_.fields) {
    columns_.emplace_back(trimmed(field));
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (equal_but_for_case(columns_[i], columns_[j]) && !columns_[i].empty()) {
        fail_file(place(i), {.message = fmt::format("column `{}` appears twice", columns_[i])});
      }
    }
  }
}

std::optional<std::size_t> CsvRows::find_column(std::string_view name) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (equal_but_for_case(columns_[i], name)) return i;
  }
  return std::nullopt;
}

std::size_t CsvRows::column(std::string_view name) const {
  if (const auto found = find_column(name)) return *found;
  fail_file(lines_.place(), {.message = fmt::format("there is no column `{}`", name),
                             .got = fmt::format("columns {}", fmt::join(columns_, ", ")),
                             .hint = did_you_mean(name, columns_)});
}

bool CsvRows::next() {
  do {
    if (!lines_.next(line_)) return false;
  } while (line_.empty());
  if (!row_.split(line_, columns_.size())) {
    fail_row(lines_.place(),
             {.message = "a quote is not closed, or stands inside an unquoted field", .got = excerpt(line_)});
  }
  if (row_.count != columns_.size()) {
    fail_row(lines_.place(), {.message = "this row has the wrong number of fields",
                              .expected = fmt::format("{} ({})", columns_.size(), fmt::join(columns_, ", ")),
                              .got = fmt::format("{}: {}", row_.count, excerpt(line_))});
  }
  return true;
}

std::int64_t CsvRows::integer(std::size_t column, IntegerRange range) const {
  const std::optional<std::int64_t> value = parse_integer(text(column));
  if (!value || *value < range.min || *value > range.max) {
    reject(column, fmt::format("bad `{}`", columns_[column]), describe(range));
  }
  return *value;
}

Duration CsvRows::duration(std::size_t column, Duration unit) const {
  const std::optional<Duration> value = parse_duration(text(column), unit);
  if (!value || value->count() < 0) {
    reject(column, fmt::format("bad `{}`", columns_[column]), "a number, at least 0, without a unit");
  }
  return *value;
}

double CsvRows::real(std::size_t column) const {
  const std::optional<double> value = parse_real(text(column));
  if (!value) reject(column, fmt::format("bad `{}`", columns_[column]), "a finite number");
  return *value;
}

void CsvRows::reject(std::size_t column, std::string message, std::string expected, std::string hint) const {
  fail_row(place(column), {.message = std::move(message),
                           .expected = std::move(expected),
                           .got = excerpt(text(column)),
                           .hint = std::move(hint)});
}

Place CsvRows::place(std::size_t column) const {
  // A field whose doubled quotes were replaced no longer points into its line.
  const std::string_view field = row_.fields[column];
  const std::less<> before;
  const bool replaced =
      before(field.data(), line_.data()) || before(line_.data() + line_.size(), field.data());
  return replaced ? lines_.place() : lines_.place(field.data());
}

}  // namespace blis
