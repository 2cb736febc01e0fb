#include "scenarios/kubernetes_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

namespace blis {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};
constexpr std::array kQuantities{
    Unit{"", 1},
    Unit{"m", 1e-3},
    Unit{"k", 1e3},
    Unit{"M", 1e6},
    Unit{"G", 1e9},
    Unit{"T", 1e12},
    Unit{"P", 1e15},
    Unit{"Ki", 1024.0},
    Unit{"Mi", 1024.0 * 1024},
    Unit{"Gi", 1024.0 * 1024 * 1024},
    Unit{"Ti", 1024.0 * 1024 * 1024 * 1024},
};
constexpr std::array kDurations{Unit{"ns", 1e-9}, Unit{"us", 1e-6}, Unit{"ms", 1e-3},
                                Unit{"s", 1},     Unit{"m", 60},    Unit{"h", 3600}};

// A decimal number at the front of the text, without a sign, which is taken off it.
std::optional<double> take_number(std::string_view& text) {
  const auto length =
      std::ranges::find_if_not(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  const std::string_view digits(text.begin(), length);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  text.remove_prefix(digits.size());
  return value;
}

template <std::size_t n>
const Unit* find_unit(const std::array<Unit, n>& units, std::string_view name) {
  const auto unit = std::ranges::find(units, name, &Unit::name);
  return unit == units.end() ? nullptr : &*unit;
}

}  // namespace

std::optional<std::int64_t> kubernetes_quantity(std::string_view text) {
  constexpr double kMost = 1e18;
  const std::optional<double> number = take_number(text);
  const Unit* const unit = find_unit(kQuantities, text);
  if (!number || unit == nullptr || *number * unit->factor > kMost) return std::nullopt;
  return static_cast<std::int64_t>(std::ceil(*number * unit->factor));
}

std::optional<double> go_duration_s(std::string_view text) {
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  while (!text.empty()) {
    const std::optional<double> number = take_number(text);
    const auto end = std::ranges::find_if(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    const std::string_view name(text.begin(), end);
    const Unit* const unit = find_unit(kDurations, name);
    if (!number || unit == nullptr) return std::nullopt;
    text.remove_prefix(name.size());
    seconds += *number * unit->factor;
  }
  return seconds;
}

}  // namespace blis
