// Values to vary, as flags write them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "blis/error.hpp"
#include "scenarios/traffic_flags.h"
#include "tools/study/compare/sweep.h"
#include "workloads/parse_number.h"

namespace blis {
namespace {

constexpr std::size_t kMostValues = 10'000;  // of one range

[[noreturn]] void refuse(const std::string& shown, std::string message, std::string expected) {
  throw InputError(ErrorKind::usage,
                   {.place = {shown}, .message = std::move(message), .expected = std::move(expected)});
}

// At commas that are in no bracket, brace or quotes.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      parts.emplace_back();
      continue;
    }
    parts.back() += c;
  }
  for (std::string& part : parts) {
    const std::size_t first = part.find_first_not_of(' ');
    part = first == std::string::npos ? "" : part.substr(first, part.find_last_not_of(' ') - first + 1);
  }
  return parts;
}

// LOW..HIGH, LOW..HIGH:STEP or LOW..HIGH*FACTOR as its values; nothing if it is no range.
std::optional<std::vector<std::string>> range(std::string_view text, const std::string& shown) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(dots + 2);
  const std::size_t sign = rest.find_first_of(":*");
  const auto low = parse_real(text.substr(0, dots)), high = parse_real(rest.substr(0, sign));
  if (!low || !high) return std::nullopt;  // a path may hold dots, too
  const bool geometric = sign != std::string_view::npos && rest[sign] == '*';
  const auto by = sign == std::string_view::npos ? std::optional(1.0) : parse_real(rest.substr(sign + 1));
  if (!by || (geometric ? *by <= 1 || *low <= 0 : *by <= 0) || *high < *low) {
    refuse(shown, fmt::format("`{}` is no range", text), "LOW..HIGH, LOW..HIGH:STEP or LOW..HIGH*FACTOR");
  }
  constexpr double kRounding = 1e-9;
  std::vector<std::string> values;
  for (std::size_t i = 0;; ++i) {
    const auto steps = static_cast<double>(i);
    const double value = geometric ? *low * std::pow(*by, steps) : *low + *by * steps;
    if (value > *high * (1 + kRounding)) break;
    if (i == kMostValues) refuse(shown, fmt::format("`{}` has more than {} values", text, kMostValues), "");
    values.push_back(fmt::format("{:.12g}", value));
  }
  return values;
}

std::vector<std::string> values_of(std::string_view text, const std::string& shown) {
  std::vector<std::string> values;
  for (const std::string& part : split(text)) {
    if (part.empty()) refuse(shown, "there is a value missing", "KEY=A,B,C or KEY=LOW..HIGH");
    if (auto many = range(part, shown)) {
      values.insert(values.end(), many->begin(), many->end());
    } else {
      values.push_back(part);
    }
  }
  return values;
}

}  // namespace

Axis parse_vary(std::string_view text, KeyOfFlag key_of_flag) {
  const Override whole = parse_override(text, "--vary");
  const std::string key = key_of_flag ? key_of_flag(whole.key) : whole.key;
  Axis axis;
  for (std::string& value : values_of(whole.value, whole.shown)) {
    axis.rows.push_back({override_named(key, std::move(value), whole.shown)});
  }
  axis.keys = {axis.rows.front()[0].key};
  return axis;
}

std::vector<std::uint64_t> parse_seeds(std::string_view text, const std::string& shown) {
  std::vector<std::uint64_t> seeds;
  for (const std::string& value : values_of(text, shown)) {
    const auto seed = parse_integer(value);
    if (!seed || *seed < 0)
      refuse(shown, fmt::format("`{}` is no seed", value), "whole numbers from 0: 0,1,2 or 0..4");
    seeds.push_back(static_cast<std::uint64_t>(*seed));
  }
  std::vector<std::uint64_t> sorted = seeds;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    refuse(shown, "a seed is given twice, which would count one run as two", "different seeds");
  }
  return seeds;
}

Price parse_price(std::string_view text) {
  if (text.find('=') == std::string_view::npos) {
    refuse(fmt::format("--price {}", text), "a price is one GPU's",
           fmt::format("--price H100={}", parse_real(text) ? text : "2.50"));
  }
  const Override whole = parse_override(text, "--price");
  const auto usd = parse_real(whole.value);
  if (!usd || *usd < 0)
    refuse(whole.shown, "this is no price", "--price H100-SXM=2.50, in US dollars an hour");
  return {whole.key, *usd, whole.shown};
}

void vary_size(Sweep& sweep) {
  if (!sweep.axes.empty() || sweep.scenarios.size() != 1) return;
  add_axis(sweep, parse_vary("engine.tensor_parallel_size=1,2,4,8"));
  add_axis(sweep, parse_vary("replicas=1,2,3,4,6,8,12,16"));
}

}  // namespace blis
