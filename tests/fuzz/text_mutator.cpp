#include "tests/fuzz/text_mutator.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace blis::fuzz {
namespace {

constexpr auto kOddValues = std::to_array<std::string_view>({"0",
                                                             "1",
                                                             "-1",
                                                             "2",
                                                             "3",
                                                             "7",
                                                             "16",
                                                             "0.5",
                                                             "-0.0",
                                                             "1e-9",
                                                             "1e308",
                                                             "1e999",
                                                             "-1e999",
                                                             "1e-400",
                                                             "9223372036854775807",
                                                             "-9223372036854775808",
                                                             "18446744073709551616",
                                                             "2147483647",
                                                             "2147483648",
                                                             "4294967296",
                                                             "1000000",
                                                             "65536",
                                                             "null",
                                                             "true",
                                                             "false",
                                                             "~",
                                                             "nan",
                                                             ".nan",
                                                             ".inf",
                                                             "-.inf",
                                                             "Infinity",
                                                             "\"\"",
                                                             "''",
                                                             "[]",
                                                             "{}",
                                                             "[[]]",
                                                             "[1, 2]",
                                                             "{\"a\": 1}",
                                                             "auto",
                                                             "*x",
                                                             "&x 1",
                                                             "<<: *x",
                                                             "32k",
                                                             "1_000",
                                                             "0x10",
                                                             "010",
                                                             "1.5e3",
                                                             "=1+1",
                                                             "a,b",
                                                             "\xff",
                                                             "\xc3\x28",
                                                             "\x1b[31m",
                                                             "\xe2\x80\xae",
                                                             "2024-01-01T00:00:00Z",
                                                             "1700000000",
                                                             "1700000000000",
                                                             "../../..",
                                                             "/dev/null",
                                                             "-",
                                                             "!!binary x",
                                                             "|",
                                                             "%",
                                                             "`x`",
                                                             "$(x)"});

bool is_number(char c) {
  return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

bool is_word(char c) {
  return is_number(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// From the first character of the kind at or after a place, to the last.
template <class IsOfKind>
std::pair<std::size_t, std::size_t> token(const std::string& text, std::size_t at, IsOfKind is_of_kind) {
  while (at < text.size() && !is_of_kind(text[at])) ++at;
  std::size_t begin = at, end = at;
  while (begin > 0 && is_of_kind(text[begin - 1])) --begin;
  while (end < text.size() && is_of_kind(text[end])) ++end;
  return {begin, end};
}

std::pair<std::size_t, std::size_t> line_at(const std::string& text, std::size_t at) {
  const std::size_t before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
  const std::size_t end = text.find('\n', at);
  return {before == std::string::npos ? 0 : before + 1, end == std::string::npos ? text.size() : end + 1};
}

std::string line_of(const std::string& text, Random& random) {
  if (text.empty()) return "\n";
  const auto [begin, end] = line_at(text, below(random, text.size()));
  return text.substr(begin, end - begin);
}

void nest(std::string& text, std::size_t at, Random& random) {
  const std::size_t depth = std::size_t{1} << below(random, 17);
  const bool list = below(random, 2) == 0;
  std::string opened, closed;
  for (std::size_t i = 0; i < depth; ++i) opened += list ? "[" : "{\"a\":", closed += list ? "]" : "}";
  text.insert(at, opened + (list ? "" : "1") + closed);
}

void change(std::string& text, std::span<const std::string> others, Random& random) {
  if (text.empty()) text = "\n";
  const std::size_t at = below(random, text.size());
  const auto [line, line_end] = line_at(text, at);
  switch (below(random, 12)) {
    case 0:
    case 1:
    case 2: {
      const auto [begin, end] = token(text, at, is_number);
      text.replace(begin, end - begin, odd_value(random));
      break;
    }
    case 3: {
      const auto [begin, end] = token(text, at, is_word);
      text.replace(begin, end - begin, odd_value(random));
      break;
    }
    case 4:
      text.erase(line, line_end - line);
      break;
    case 5:
      text.insert(line, text.substr(line, line_end - line));
      break;
    case 6:
      text.insert(line, line_of(text, random));
      break;
    case 7:
      text.insert(line, others.empty() ? "\n" : line_of(others[below(random, others.size())], random));
      break;
    case 8:
      text[at] = static_cast<char>(text[at] ^ (1 << below(random, 8)));
      break;
    case 9:
      text.resize(at);
      break;
    case 10: {
      // A word in place of another of the same file: keys where values belong, names twice.
      const auto [from, from_end] = token(text, below(random, text.size()), is_word);
      const auto [begin, end] = token(text, at, is_word);
      const std::string word = text.substr(from, from_end - from);
      text.replace(begin, end - begin, word);
      break;
    }
    default:
      if (below(random, 8) == 0) {
        nest(text, at, random);
      } else {
        text.erase(at, 1 + below(random, 16));
      }
  }
}

}  // namespace

std::size_t below(Random& random, std::size_t n) {
  return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
}

std::string odd_value(Random& random) {
  return std::string(kOddValues[below(random, kOddValues.size())]);
}

std::string mutated(std::string text, std::span<const std::string> others, Random& random) {
  for (std::size_t left = 1 + below(random, 4); left > 0; --left) change(text, others, random);
  return text;
}

}  // namespace blis::fuzz
