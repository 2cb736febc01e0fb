// Mean, spread and percentiles of plain and of weighted samples.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "sim/metrics.h"
#include "sim/order_statistics.h"

namespace blis {
namespace {

constexpr double kNanosecondsPerMillisecond = 1e6;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Stats kNoSamples{0, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};

// Where a percentile lies among `count` ordered values: between two neighbours.
struct Position {
  std::int64_t below;
  std::int64_t above;
  double share;  // of the way from `below` to `above`
};
Position position(std::int64_t count, double q) {
  const double virtual_index = static_cast<double>(count - 1) * (q / 100);
  const auto below = static_cast<std::int64_t>(virtual_index);
  return {below, std::min(below + 1, count - 1), virtual_index - static_cast<double>(below)};
}

// numpy's interpolation, with its rounding: from the nearer end.
double between(double a, double b, double share) {
  return share < 0.5 ? a + (b - a) * share : b - (b - a) * (1 - share);
}

// Sums are exact in 128 bits: 10^9 samples of 10^13 ns do not fit into 64.
__extension__ using Wide = __int128;

double ms(double value) {
  return value;
}
double ms(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / kNanosecondsPerMillisecond;
}

// Sum of f over the samples in four interleaved partial sums: no addition waits for the one before.
template <class Sample, class F>
double sum_in_lanes(std::span<Sample> samples, F f) {
  std::array<double, 4> lanes{};
  const std::size_t whole = samples.size() / lanes.size() * lanes.size();
  for (std::size_t i = 0; i < whole; i += lanes.size()) {
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) lanes[lane] += f(samples[i + lane]);
  }
  for (std::size_t i = whole; i < samples.size(); ++i) lanes[0] += f(samples[i]);
  return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

// Fills in the percentiles, minimum and maximum of `count` samples that lie in `range`.
template <class Sample>
void fill_ranks(std::span<const Sample> samples, order_statistics::Range<Sample> range, Stats& stats) {
  constexpr std::array<double, 4> kPercentiles{50, 90, 95, 99};
  std::array<Position, kPercentiles.size()> positions;
  std::array<std::int64_t, 2 * kPercentiles.size() + 2> ranks;
  ranks.front() = 0;
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    positions[i] = position(stats.count, kPercentiles[i]);
    ranks[2 * i + 1] = positions[i].below;
    ranks[2 * i + 2] = positions[i].above;
  }
  ranks.back() = stats.count - 1;
  std::ranges::sort(ranks);  // of a few samples, neighbours of two percentiles may interleave
  std::array<order_statistics::Value<Sample>, ranks.size()> values;
  order_statistics::select<Sample>(samples, range, 0, ranks, values);

  const auto value_at = [&](std::int64_t rank) {
    return ms(values[static_cast<std::size_t>(std::ranges::lower_bound(ranks, rank) - ranks.begin())]);
  };
  const auto percentile_at = [&](const Position& p) {
    return between(value_at(p.below), value_at(p.above), p.share);
  };
  stats.min = ms(values.front());
  stats.max = ms(values.back());
  stats.median = percentile_at(positions[0]);
  stats.p90 = percentile_at(positions[1]);
  stats.p95 = percentile_at(positions[2]);
  stats.p99 = percentile_at(positions[3]);
}

}  // namespace

double percentile(std::span<double> values, double q) {
  if (values.empty()) return kNaN;
  const Position p = position(static_cast<std::int64_t>(values.size()), q);
  const auto nth = values.begin() + p.below;
  std::ranges::nth_element(values, nth);
  const double above = p.above == p.below ? *nth : *std::ranges::min_element(nth + 1, values.end());
  return between(*nth, above, p.share);
}

Stats stats_ms(std::span<const double> values_ms) {
  if (values_ms.empty()) return kNoSamples;
  Stats stats = kNoSamples;
  stats.count = static_cast<std::int64_t>(values_ms.size());
  const auto count = static_cast<double>(stats.count);
  stats.mean = sum_in_lanes(values_ms, [](double v) { return v; }) / count;
  const auto squared_deviation = [mean = stats.mean](double v) { return (v - mean) * (v - mean); };
  stats.std = std::sqrt(sum_in_lanes(values_ms, squared_deviation) / count);
  fill_ranks<double>(values_ms, order_statistics::range_of(values_ms), stats);
  return stats;
}

Stats stats_ms(std::span<const Weighted> samples) {
  if (samples.empty()) return kNoSamples;
  Stats stats = kNoSamples;
  // One pass: squares are of distances to the first sample, lest large values cancel.
  stats.count = 0;
  Wide sum = 0;
  const std::int64_t origin = samples.front().value;
  double distances = 0, squares = 0;
  order_statistics::Range<Weighted> range{origin, origin};
  for (const Weighted& s : samples) {
    stats.count += s.weight;
    sum += static_cast<Wide>(s.value) * s.weight;
    const auto distance = static_cast<double>(s.value - origin);
    const double weighted = static_cast<double>(s.weight) * distance;
    distances += weighted;
    squares += weighted * distance;
    range.low = std::min(range.low, s.value);
    range.high = std::max(range.high, s.value);
  }
  const auto count = static_cast<double>(stats.count);
  const double mean = static_cast<double>(sum) / count;
  const double variance = std::max(0.0, (squares - distances * (distances / count)) / count);
  stats.mean = mean / kNanosecondsPerMillisecond;
  stats.std = std::sqrt(variance) / kNanosecondsPerMillisecond;
  fill_ranks<Weighted>(samples, range, stats);
  return stats;
}

}  // namespace blis
