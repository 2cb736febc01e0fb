// A JSON document without what nobody asks for. A benchmark's result of a gigabyte is gaps between tokens and
// texts for the most part: they are dropped, or summed up, as they stream by, so that memory grows with the
// requests and not with the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/line_reader.h"

namespace blis {

enum class Keep : std::uint8_t {
  nothing,  // a list, map or text becomes null
  sums,     // a list of lists of numbers: each of those becomes [sum, count]
  ends,     // a list of numbers becomes its first and its last
};
// For the values of a key, wherever it stands.
struct KeepRule {
  std::string_view key;
  Keep keep;
};

class CondensedJson {
 public:
  // Texts longer than this become empty.
  static constexpr std::size_t kLongestText = 256;

  // Reads what is left of `lines`.
  CondensedJson(LineReader& lines, std::span<const KeepRule> rules);

  // What remains, LineReader::kPadding readable bytes after it. What is no JSON is as wrong in it as it was,
  // but within what was dropped, where only brackets and quotes are looked at.
  std::string_view text() const { return {text_.data(), size_}; }
  // Where in the file a character of text() is.
  Place place(std::size_t offset) const;
  // The same of one that is known by its line and column in text(), from 1.
  Place place(std::int64_t line, std::int64_t column) const;

 private:
  class Writer;

  // What was left out before a character of the text.
  struct Cut {
    std::size_t at = 0;
    std::int64_t bytes = 0;     // fewer than there were; less than 0 where more is written
    std::int64_t newlines = 0;  // in them
    std::int64_t tail = 0;      // bytes after the last of these
  };

  std::string name_;
  std::int64_t first_line_ = 1;
  std::string text_;
  std::size_t size_ = 0;
  std::vector<Cut> cuts_;
};

}  // namespace blis
