// A log as rows of named texts, whether it is CSV or JSON lines.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"
#include "workloads/bad_row.h"
#include "workloads/line_reader.h"

namespace blis {

class LogRows {
 public:
  virtual ~LogRows() = default;

  // Names that rows have: of a header, or of the first JSON object, those of inner objects behind a dot.
  virtual const std::vector<std::string>& columns() const = 0;
  // What the first row has there, for guesses; empty without one.
  virtual const std::vector<std::string>& first_row() const = 0;

  // Goes to the next row; false at the end. Throws BadRow.
  virtual bool next() = 0;

  // Of the current row, without blanks around it, valid until the next call with the same column; nothing
  // where the row has no such value. Throws BadRow for a list or an object.
  virtual std::optional<std::string_view> text(std::size_t column) = 0;
  virtual Place place(std::size_t column) const = 0;
  virtual Place place() const = 0;
  virtual const std::string& name() const = 0;
};

// A table with a header, whose separator is found there; throws InputError for a header that is none.
std::unique_ptr<LogRows> table_rows(LineReader lines);
// One JSON object a line.
std::unique_ptr<LogRows> json_line_rows(LineReader lines);

// The one of comma, tab, semicolon and bar that the header has most of outside quotes.
char separator_of(std::string_view header);

}  // namespace blis
