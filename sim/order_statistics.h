// Values at given ranks of a large multiset, without sorting it: each pass spreads the samples over
// equal buckets of their range and keeps only the buckets that a wanted rank falls into.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/metrics.h"

namespace blis::order_statistics {

inline double value_of(double sample) {
  return sample;
}
inline std::int64_t value_of(const Weighted& sample) {
  return sample.value;
}
inline std::int64_t weight_of(double) {
  return 1;
}
inline std::int64_t weight_of(const Weighted& sample) {
  return sample.weight;
}

template <class Sample>
using Value = decltype(value_of(Sample{}));

constexpr std::size_t kBuckets = 2048;
constexpr std::size_t kSortBelow = 256;  // samples; fewer are sorted
constexpr int kDeepest = 8;              // passes, each of which narrows the range 2048-fold

// The plain way: `before` samples of the multiset are smaller than these.
template <class Sample>
void select_by_sorting(std::vector<Sample> samples, std::int64_t before, std::span<const std::int64_t> ranks,
                       std::span<Value<Sample>> out) {
  std::ranges::sort(samples, {}, [](const Sample& s) { return value_of(s); });
  std::size_t i = 0;
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    while (before + weight_of(samples[i]) <= ranks[r]) before += weight_of(samples[i++]);
    out[r] = value_of(samples[i]);
  }
}

// Smallest and largest value.
template <class Sample>
struct Range {
  Value<Sample> low, high;
};
template <class Sample>
Range<Sample> range_of(std::span<const Sample> samples) {
  Range<Sample> range{value_of(samples.front()), value_of(samples.front())};
  for (const Sample& s : samples) {
    range.low = std::min(range.low, value_of(s));
    range.high = std::max(range.high, value_of(s));
  }
  return range;
}

// out[k] = the value that would stand at ranks[k] (from 0, ascending, < total weight + before) if
// the multiset, preceded by `before` smaller values, were written out in order. Samples are finite
// and their range is given. Linear in the number of samples, whatever their weights.
template <class Sample>
void select(std::span<const Sample> samples, Range<Sample> range, std::int64_t before,
            std::span<const std::int64_t> ranks, std::span<Value<Sample>> out, int depth = 0) {
  const auto low = range.low;
  if (low == range.high) {
    std::ranges::fill(out, low);
    return;
  }
  const double scale = static_cast<double>(kBuckets) / static_cast<double>(range.high - low);
  if (samples.size() < kSortBelow || depth == kDeepest || !std::isfinite(scale)) {
    select_by_sorting(std::vector<Sample>(samples.begin(), samples.end()), before, ranks, out);
    return;
  }
  // Never decreases as the value grows; the smallest and the largest value part company.
  const auto bucket_of = [low, scale](const Sample& s) {
    const auto bucket = static_cast<std::size_t>(static_cast<double>(value_of(s) - low) * scale);
    return std::min(bucket, kBuckets - 1);
  };

  std::array<std::int64_t, kBuckets> weights{};
  for (const Sample& s : samples) weights[bucket_of(s)] += weight_of(s);

  // The ranks that fall into one bucket, and what that bucket holds.
  struct Part {
    std::int64_t before;
    std::size_t first_rank, last_rank;
    std::vector<Sample> samples;
  };
  std::vector<Part> parts;
  std::array<std::int16_t, kBuckets> part_of;
  part_of.fill(-1);
  std::size_t rank = 0;
  for (std::size_t bucket = 0; bucket < kBuckets && rank < ranks.size(); ++bucket) {
    const std::size_t first = rank;
    while (rank < ranks.size() && ranks[rank] < before + weights[bucket]) ++rank;
    if (rank > first) {
      part_of[bucket] = static_cast<std::int16_t>(parts.size());
      parts.push_back({before, first, rank, {}});
    }
    before += weights[bucket];
  }
  for (Part& part : parts) part.samples.reserve(samples.size() / 16);
  for (const Sample& s : samples) {
    if (const int part = part_of[bucket_of(s)]; part >= 0)
      parts[static_cast<std::size_t>(part)].samples.push_back(s);
  }
  for (const Part& part : parts) {
    const std::size_t count = part.last_rank - part.first_rank;
    select<Sample>(part.samples, range_of<Sample>(part.samples), part.before,
                   ranks.subspan(part.first_rank, count), out.subspan(part.first_rank, count), depth + 1);
  }
}

}  // namespace blis::order_statistics
