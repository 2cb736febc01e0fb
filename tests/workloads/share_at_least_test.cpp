// The shares against draws of the sampler that traffic is drawn with.
#include "workloads/share_at_least.h"

#include <gtest/gtest.h>

#include <cmath>

#include "workloads/sampler.h"

namespace blis {
namespace {

using Kind = Distribution::Kind;

TEST(ShareAtLeast, IsThatOfTheSamplersDraws) {
  const std::vector<Distribution> all{
      {.kind = Kind::constant, .value = 2},
      {.kind = Kind::uniform, .min = 0, .max = 5},
      {.kind = Kind::normal, .mean = 2.2, .stddev = 1.5},
      {.kind = Kind::normal, .mean = 3, .stddev = 0},
      {.kind = Kind::lognormal, .mean = 1.5, .stddev = 2, .min = 0, .max = 4},
      {.kind = Kind::exponential, .mean = 1.3},
      {.kind = Kind::zipf, .exponent = 1.2, .min = 1, .max = 6},
      {.kind = Kind::quantiles, .points = {{0.25, 0}, {0.5, 1}, {0.5, 3}, {1, 6}}},
  };
  constexpr int kDraws = 40'000;
  for (std::size_t i = 0; i < all.size(); ++i) {
    RandomStream random = random_stream(7, "share at least", i);
    Sampler sampler(all[i]);
    std::vector<int> at_least(9);
    for (int n = 0; n < kDraws; ++n) {
      // Counts of traffic are at least 1, those of drafts may be 0.
      const double drawn = all[i].kind == Kind::uniform ? std::max(sampler.count(random), 1)
                                                        : std::round(sampler.real(random));
      for (int count = 1; count < 9; ++count) at_least[static_cast<std::size_t>(count)] += drawn >= count;
    }
    for (int count = all[i].kind == Kind::uniform ? 2 : 1; count < 9; ++count) {
      const double expected = static_cast<double>(at_least[static_cast<std::size_t>(count)]) / kDraws;
      EXPECT_NEAR(share_at_least(all[i], count), expected, 0.012) << "distribution " << i << ", " << count;
    }
  }
}

TEST(ShareAtLeast, CountsZeroAmongUniformIntegers) {
  EXPECT_DOUBLE_EQ(share_at_least({.kind = Kind::uniform, .min = 0, .max = 4}, 1), 0.8);
}

}  // namespace
}  // namespace blis
