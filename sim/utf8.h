// Text of a user's that is shown again: valid UTF-8 without characters that do something.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace blis {

struct Utf8Character {
  char32_t code = 0;
  std::size_t bytes = 1;  // at least 1
  bool valid = false;     // if not, `bytes` is 1 and `code` that byte
};

// The first character of `text`, which is not empty. Valid is what RFC 3629 allows: neither overlong
// forms nor surrogates.
Utf8Character first_character(std::string_view text);

// Whether a terminal or a reader acts on it instead of showing it: controls (C0, DEL, C1), line and
// paragraph separators, and what changes the direction of writing.
bool acts_on_its_reader(char32_t code);

// `text` for one line: what is no UTF-8 as `\xff`, what acts as `\x1b` or `\u202e`.
std::string printable(std::string_view text);

// The same, but line ends and tabs stay.
std::string printable_lines(std::string_view text);

// As much of the beginning of `text` as fits `bytes`, no character cut in two.
std::string_view first_bytes(std::string_view text, std::size_t bytes);

}  // namespace blis
