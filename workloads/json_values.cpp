#include "workloads/json_values.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "workloads/bad_row.h"

namespace blis {

std::optional<std::int64_t> whole_number(simdjson::dom::element value) {
  std::int64_t number = 0;
  if (value.get(number) == simdjson::SUCCESS) return number;
  constexpr double kLastExact = 9007199254740992.0;  // doubles count exactly up to 2^53
  double real = 0;
  if (!value.is<double>() || value.get(real) != simdjson::SUCCESS) return std::nullopt;
  if (std::floor(real) != real || std::abs(real) > kLastExact) return std::nullopt;
  return static_cast<std::int64_t>(real);
}

std::optional<Duration> duration_of(simdjson::dom::element value, Duration unit) {
  constexpr double kMaxNs = 9.2e18;
  const auto ns_of_one = static_cast<double>(unit.count());
  std::int64_t whole = 0;
  if (value.get(whole) == simdjson::SUCCESS && whole >= 0 &&
      static_cast<double>(whole) * ns_of_one < kMaxNs) {
    return whole * unit;
  }
  double number = -1;
  if (value.get(number) != simdjson::SUCCESS) return std::nullopt;
  const double ns = number * ns_of_one;
  if (!(number >= 0) || ns >= kMaxNs) return std::nullopt;
  return Duration{std::llround(ns)};
}

// simdjson does not say where; the slower parser does.
std::size_t error_offset(std::string_view text) {
  try {
    const auto whole = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    return error.byte > 0 ? std::min(error.byte - 1, text.size()) : 0;
  } catch (const nlohmann::json::exception&) {  // a number out of range
  }
  return 0;
}

std::string shown(simdjson::dom::element value) {
  std::ostringstream out;
  out << value;
  return excerpt(out.str());
}

}  // namespace blis
