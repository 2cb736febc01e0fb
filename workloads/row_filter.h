// Which rows of a log count: `where`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace blis {

class LogRows;

// All conditions must hold: `status=200`, `status!=200`, `latency_ms<10000`, `<=`, `>`, `>=`. Numbers are
// compared as such, other texts as they are; a value that is not there equals only an empty one, and has no
// order.
class RowFilter {
 public:
  // Throws InputError: usage for a text that is no condition, io for a column that is not there.
  RowFilter(std::span<const std::string> where, const LogRows& rows);

  // Whether the current row counts; keeps count.
  bool keeps(LogRows& rows);

  // "12 of 400 rows, which do not have status=200, were left out"; empty without conditions.
  std::string note() const;
  bool kept_none() const { return seen_ > 0 && left_out_ == seen_; }

 private:
  enum class Relation : std::uint8_t { equal, unequal, less, at_most, more, at_least };
  struct Condition {
    std::string text;
    std::size_t column = 0;
    Relation relation = Relation::equal;
    std::string value;
  };
  static bool holds(const Condition& condition, std::string_view value);

  std::vector<Condition> conditions_;
  std::int64_t seen_ = 0, left_out_ = 0;
};

}  // namespace blis
