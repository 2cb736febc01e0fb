#include "scenarios/scalar.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>

#include "sim/letter_case.h"

namespace blis {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

// Digits at the front of `text`.
std::size_t count_digits(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  return n;
}

// JSON's grammar of numbers: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
bool is_decimal(std::string_view text, bool whole) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t integral = count_digits(text);
  if (integral == 0 || (integral > 1 && text[0] == '0')) return false;
  text.remove_prefix(integral);
  if (whole) return text.empty();
  if (text.starts_with('.')) {
    const std::size_t fraction = count_digits(text.substr(1));
    if (fraction == 0) return false;
    text.remove_prefix(1 + fraction);
  }
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
    const std::size_t exponent = count_digits(text);
    if (exponent == 0) return false;
    text.remove_prefix(exponent);
  }
  return text.empty();
}

// Why `text` is no number, for those spellings whose intent is plain.
std::string number_hint(std::string_view text) {
  const std::string word = lower_case(text);
  std::string_view digits = word;
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  if (is_one_of(digits, {"inf", "nan", ".inf", ".nan", "infinity"}))
    return "only finite numbers are meaningful here";
  if (digits.starts_with("0x") || digits.starts_with("0o") || digits.starts_with("0b"))
    return "write it in decimal";
  const std::size_t leading = count_digits(digits);
  if (leading > 1 && digits[0] == '0') return "a leading zero means octal to some readers: write it without";
  if (word.starts_with('+')) return "write it without the `+`";
  if (digits.starts_with('.')) return fmt::format("write `0{}`", digits);
  std::string bare;
  std::ranges::copy_if(digits, std::back_inserter(bare), [](char c) { return c != '_' && c != ','; });
  if (bare.size() < digits.size() && is_decimal(bare, false)) return fmt::format("write `{}`", bare);
  if (leading > 0 && leading < digits.size() &&
      (digits[leading] == ' ' || digits[leading] == '%' ||
       (digits[leading] >= 'a' && digits[leading] <= 'z'))) {
    return "write the number alone: the key says its unit";
  }
  return {};
}

}  // namespace

Parsed<std::int64_t> strict_integer(std::string_view text) {
  if (is_decimal(text, true)) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) return {value, {}};
    return {std::nullopt, "it does not fit 64 bits"};
  }
  const Parsed<double> number = strict_number(text);
  if (!number.value) return {std::nullopt, number.hint};
  const bool whole = std::abs(*number.value) < 1e15 && std::trunc(*number.value) == *number.value;
  return {std::nullopt, whole ? fmt::format("write `{:.0f}`", *number.value) : "it must be a whole number"};
}

Parsed<double> strict_number(std::string_view text) {
  if (!is_decimal(text, false)) return {std::nullopt, number_hint(text)};
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && std::isfinite(value)) return {value, {}};
  return {std::nullopt, "it is beyond the range of a double"};
}

Parsed<bool> strict_boolean(std::string_view text) {
  if (text == "true") return {true, {}};
  if (text == "false") return {false, {}};
  const std::string word = lower_case(text);
  if (is_one_of(word, {"true", "yes", "on", "y", "1"})) return {std::nullopt, "write `true`"};
  if (is_one_of(word, {"false", "no", "off", "n", "0"})) return {std::nullopt, "write `false`"};
  return {};
}

std::string to_text(double value) {
  char buffer[32];
  // Plain notation where it is short: 8192 and 0.9 rather than 8.192e+03.
  if (std::trunc(value) == value && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, end);
}

}  // namespace blis
