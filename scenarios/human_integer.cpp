#include "scenarios/human_integer.h"

#include <cmath>

namespace blis {
namespace {

constexpr std::string_view kDecimal = "kmgt", kBinary = "KMGT";
constexpr double kMost = 9e18;

}  // namespace

Parsed<std::int64_t> human_readable_integer(std::string_view text) {
  if (text.empty()) return {};
  const char suffix = text.back();
  const std::string_view digits = text.substr(0, text.size() - 1);
  const bool is_number = !digits.empty() && digits.find_first_not_of("0123456789.") == std::string_view::npos;
  const auto power = [&](std::string_view suffixes, double base) {
    return std::pow(base, static_cast<double>(suffixes.find(suffix) + 1));
  };
  double value = 0;
  if (is_number && kDecimal.find(suffix) != std::string_view::npos) {
    const auto number = strict_number(digits).value;
    if (!number) return {.value = {}, .hint = "as in 32k, 25.6k or 32K"};
    value = *number * power(kDecimal, 1000);
  } else if (is_number && kBinary.find(suffix) != std::string_view::npos) {
    const auto number = strict_integer(digits).value;
    if (!number) return {.value = {}, .hint = "only k, m, g and t follow fractions, as in 25.6k"};
    value = static_cast<double>(*number) * power(kBinary, 1024);
  } else {
    return strict_integer(text);
  }
  if (value > kMost) return {.value = {}, .hint = "that is too large"};
  return {.value = static_cast<std::int64_t>(value), .hint = {}};
}

}  // namespace blis
