#include "sim/gap_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "sim/metrics.h"

namespace blis {
namespace {

LargeVector<Weighted> samples_of(const GapHistogram& histogram) {
  LargeVector<Weighted> samples;
  histogram.append_to(samples);
  return samples;
}

TEST(GapHistogram, TellsSmallValuesApartExactly) {
  GapHistogram histogram(3);
  for (const std::int64_t value : {15, 0, 8, 9, 0}) histogram.add(value, 2);
  EXPECT_EQ(samples_of(histogram), (LargeVector<Weighted>{{0, 1}, {0, 3}, {8, 2}, {9, 2}, {15, 1}, {15, 1}}));
}

TEST(GapHistogram, OfOneValueIsThatValue) {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{1}, std::int64_t{16}, std::int64_t{17},
                                   std::int64_t{7'123'456}, std::int64_t{1} << 62}) {
    GapHistogram histogram(4);
    histogram.add(value, 1);
    EXPECT_EQ(samples_of(histogram), (LargeVector<Weighted>{{value, 1}}));
  }
  EXPECT_TRUE(samples_of(GapHistogram(4)).empty());
}

TEST(GapHistogram, GathersNeighboursAtTheirMean) {
  GapHistogram histogram(3);  // 16 and 17 share a bucket, 18 is in the next
  histogram.add(18, 5);
  histogram.add(17, 3);
  histogram.add(16, 1);
  histogram.add(90, 1);
  EXPECT_EQ(samples_of(histogram), (LargeVector<Weighted>{{16, 1}, {17, 3}, {18, 5}, {90, 1}}));
  histogram.add(16, 2);
  EXPECT_EQ(samples_of(histogram), (LargeVector<Weighted>{{16, 1}, {17, 5}, {18, 5}, {90, 1}}));  // 16.6
}

TEST(GapHistogramProperty, IsExactInCountSumAndExtremesAndCloseInPercentiles) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const int bits = 6 + static_cast<int>(seed % 8);
    GapHistogram whole(bits), first(bits), second(bits);
    std::vector<Weighted> all;
    std::lognormal_distribution<double> spread(15 + static_cast<double>(seed % 5),
                                               0.2 + 0.2 * static_cast<double>(seed % 9));
    for (int i = 0; i < 3000; ++i) {
      const auto value = static_cast<std::int64_t>(spread(random));
      const auto weight = static_cast<std::int64_t>(1 + random() % 40);
      all.push_back({value, weight});
      whole.add(value, weight);
      (i % 3 == 0 ? first : second).add(value, weight);
    }
    first.merge(second);
    ASSERT_EQ(samples_of(first), samples_of(whole)) << "parts make the whole";

    const Stats exact = stats_ms(all), close = stats_ms(samples_of(whole));
    EXPECT_EQ(close.count, exact.count);
    EXPECT_EQ(close.min, exact.min);
    EXPECT_EQ(close.max, exact.max);
    EXPECT_NEAR(close.mean, exact.mean, 1e-6);
    const double resolution = std::ldexp(1, -bits);
    for (const auto& [a, b] : {std::pair{close.median, exact.median},
                               {close.p90, exact.p90},
                               {close.p95, exact.p95},
                               {close.p99, exact.p99}}) {
      EXPECT_NEAR(a, b, resolution * b);
    }
  }
}

}  // namespace
}  // namespace blis
