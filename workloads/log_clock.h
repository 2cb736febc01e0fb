// When a log's rows say they arrived: dates with times, or numbers whose unit the column's name or their size
// tells.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/units.h"
#include "workloads/bad_row.h"

namespace blis {

// "s", "ms", "us" or "ns"; nothing for other texts.
std::optional<Duration> unit_named(std::string_view name);

// What the end of a column's name says: `arrival_ms`, `startTimeUnixNano`.
std::optional<Duration> unit_of_column(std::string_view name);

// Reads the times of one column. The first one decides what all are, and one that differs is refused: of
// another size, a date without a zone among such with one.
class LogClock {
 public:
  // `unit`: of numbers, where it is known. Otherwise they are taken to count from 1970, where their size says
  // in which unit.
  explicit LogClock(std::optional<Duration> unit = {}) : unit_(unit) {}

  // Nothing, and a `complaint` without `got`, for what is no time of this clock.
  std::optional<Duration> read(std::string_view text, Complaint& complaint);

  // What was taken from the size of the numbers; empty if nothing was.
  std::string assumption() const;
  // Dates without a zone, which go back where summer time ends.
  bool is_local() const { return kind_ == Kind::local; }

 private:
  enum class Kind : std::uint8_t { unknown, local, zoned, number };
  std::optional<Duration> read_number(std::string_view text, Complaint& complaint);

  std::optional<Duration> unit_;
  std::optional<Duration> by_size_;  // unit that the first number's size told
  Kind kind_ = Kind::unknown;
};

}  // namespace blis
