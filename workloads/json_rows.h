// The rows of a JSONL file: one JSON object a line. Includes simdjson, so for reader sources only.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/units.h"
#include "workloads/bad_row.h"
#include "workloads/json_values.h"
#include "workloads/line_reader.h"

namespace blis {

// Reading values of a row; every function throws BadRow with the place of the key.
class JsonRows {
 public:
  explicit JsonRows(LineReader lines) : lines_(std::move(lines)) {}

  // Goes to the next row; false at the end. Blank lines are skipped. Throws BadRow for a line that
  // is not one JSON object.
  bool next();

  // The current row, valid until `next`. Iterate over its fields and switch on the key: then a key
  // given twice can be noticed.
  simdjson::dom::object object() const { return object_; }

  std::int64_t integer(std::string_view key, simdjson::dom::element value, IntegerRange range) const;
  double real(std::string_view key, simdjson::dom::element value) const;
  // A number of `unit`s, at least 0.
  Duration duration(std::string_view key, simdjson::dom::element value, Duration unit) const;
  std::string_view text(std::string_view key, simdjson::dom::element value) const;
  simdjson::dom::array array(std::string_view key, simdjson::dom::element value) const;

  [[noreturn]] void reject(std::string_view key, std::string message, std::string expected,
                           std::string got = {}, std::string hint = {}) const;
  [[noreturn]] void missing(std::string_view key) const;

  Place place() const { return lines_.place(); }
  Place place(std::string_view key) const;  // of its first mention in the row
  const std::string& name() const { return lines_.name(); }

 private:
  LineReader lines_;
  simdjson::dom::parser parser_;
  simdjson::dom::object object_;
  std::string_view line_;
};

}  // namespace blis
