#include "workloads/parse_number.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace blis {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{}) return std::nullopt;
  if (stop == end) return value;
  if (*stop != '.') return std::nullopt;
  const std::string_view zeros(stop + 1, static_cast<std::size_t>(end - stop) - 1);
  if (zeros.empty() || zeros.find_first_not_of('0') != std::string_view::npos) return std::nullopt;
  return value;
}

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<Duration> parse_duration(std::string_view text, Duration unit) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (negative) ++p;

  std::int64_t whole = 0;
  const char* const whole_begin = p;
  for (; p != end && is_digit(*p); ++p) {
    if (whole > (kMax - 9) / 10) return std::nullopt;
    whole = 10 * whole + (*p - '0');
  }
  if (p == whole_begin || whole > kMax / unit.count() - 1) return std::nullopt;
  std::int64_t ns = whole * unit.count();

  if (p != end && *p == '.') {
    ++p;
    std::int64_t digit_value = unit.count() / 10;  // nanoseconds; 0 past the last whole one
    if (p == end || !is_digit(*p)) return std::nullopt;
    bool rounded = false;
    for (; p != end && is_digit(*p); ++p) {
      if (digit_value == 0 && !rounded) {
        if (*p >= '5') ++ns;
        rounded = true;
      }
      ns += digit_value * (*p - '0');
      digit_value /= 10;
    }
  }
  if (p == end) return Duration{negative ? -ns : ns};
  if (*p != 'e' && *p != 'E') return std::nullopt;

  const std::optional<double> value = parse_real(text);  // an exponent: as exact as a double is
  if (!value) return std::nullopt;
  const double in_ns = *value * static_cast<double>(unit.count());
  if (std::abs(in_ns) >= static_cast<double>(kMax)) return std::nullopt;
  return Duration{std::llround(in_ns)};
}

}  // namespace blis
