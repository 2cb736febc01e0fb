// The rows of a CSV file (RFC 4180, one line a row), by column name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/units.h"
#include "workloads/bad_row.h"
#include "workloads/line_reader.h"

namespace blis {

// Splits one line at each `separator`. Quoted fields lose their quotes (`scratch` holds those with doubled
// quotes inside). False for an unbalanced quote. At most `limit` fields are stored; `count` is how many there
// are.
struct CsvLine {
  std::vector<std::string_view> fields;
  std::size_t count = 0;
  char separator = ',';
  bool split(std::string_view line, std::size_t limit);

 private:
  bool split_quoted(std::string_view line, std::size_t limit);
  std::vector<std::string> scratch_;
};

// Without blanks and tabs at either end.
std::string_view trimmed(std::string_view text);

class CsvRows {
 public:
  // Reads the header line. With `columns` given the file has no header and these are its columns.
  // Throws InputError for a duplicate or missing column name.
  explicit CsvRows(LineReader lines, std::vector<std::string> columns = {}, char separator = ',');

  // Names are compared without regard to case and surrounding spaces. `column` throws InputError
  // with the nearest name if there is none.
  std::size_t column(std::string_view name) const;
  std::optional<std::size_t> find_column(std::string_view name) const;
  const std::vector<std::string>& columns() const { return columns_; }

  // Goes to the next row; false at the end. Blank lines are skipped. Throws BadRow if a row does not
  // have as many fields as there are columns.
  bool next();

  // Of the current row; valid until `next`.
  std::string_view text(std::size_t column) const { return row_.fields[column]; }
  // Throw BadRow with the place of the field.
  std::int64_t integer(std::size_t column, IntegerRange range) const;
  Duration duration(std::size_t column, Duration unit) const;
  double real(std::size_t column) const;
  [[noreturn]] void reject(std::size_t column, std::string message, std::string expected,
                           std::string hint = {}) const;

  Place place() const { return lines_.place(); }
  Place place(std::size_t column) const;
  const std::string& name() const { return lines_.name(); }

 private:
  void read_header();

  LineReader lines_;
  std::vector<std::string> columns_;
  CsvLine row_;
  std::string_view line_;
};

}  // namespace blis
