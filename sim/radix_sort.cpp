#include "sim/radix_sort.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

namespace blis {
namespace {

int bit_width(std::int64_t value) {
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value)));
}

}  // namespace

void radix_sort(std::vector<std::int64_t>& values) {
  constexpr int kDigitBits = 11;
  constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  if (values.size() < kDigits) {
    std::ranges::sort(values);
    return;
  }
  const auto [low, high] = std::ranges::minmax(values);
  const int value_bits = bit_width(high - low);
  const int leading_bits = std::min(value_bits, bit_width(std::ssize(values)) + 4);
  const int ignored_bits = value_bits - leading_bits;
  const auto key = [low = low, ignored_bits](std::int64_t v) {
    return static_cast<std::uint64_t>(v - low) >> ignored_bits;
  };
  std::vector<std::int64_t> sorted(values.size());
  for (int shift = 0; shift < leading_bits; shift += kDigitBits) {
    const auto digit = [&](std::int64_t v) { return (key(v) >> shift) % kDigits; };
    std::array<std::size_t, kDigits> position{};
    for (const std::int64_t v : values) ++position[digit(v)];
    std::exclusive_scan(position.begin(), position.end(), position.begin(), std::size_t{0});
    for (const std::int64_t v : values) sorted[position[digit(v)]++] = v;
    values.swap(sorted);
  }
  for (auto first = values.begin(); first != values.end();) {
    auto last = first + 1;
    while (last != values.end() && key(*last) == key(*first)) ++last;
    if (last - first > 1) std::sort(first, last);
    first = last;
  }
}

}  // namespace blis
