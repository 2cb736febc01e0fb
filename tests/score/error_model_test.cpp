// From errors of measured runs to a promise about others.
#include "tools/score/error_model.h"

#include <gtest/gtest.h>

#include <boost/random/normal_distribution.hpp>

#include "workloads/random.h"

namespace blis {
namespace {

// `groups` groups of ten errors each, lognormal about `median`; every second group has the feature, which
// multiplies them. Groups have a common shift of their own.
std::vector<ErrorSample> drawn(int groups, double median, double factor, std::uint64_t seed) {
  RandomStream random = random_stream(seed, "errors");
  boost::random::normal_distribution<double> shift(0, 0.3), spread(0, 0.6);
  std::vector<ErrorSample> samples;
  for (int g = 0; g < groups; ++g) {
    const bool has = g % 2 == 1;
    const double own = shift(random);
    for (int i = 0; i < 10; ++i) {
      ErrorSample& s = samples.emplace_back();
      s.group = "group " + std::to_string(g);
      if (has) s.features = {"feature"};
      s.error_pct = median * (has ? factor : 1) * std::exp(own + spread(random));
    }
  }
  return samples;
}

TEST(ErrorModel, FindsTheErrorAndWhatAFeatureMultipliesItBy) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    const MetricErrors errors = fit_errors("tpot_mean", drawn(30, 4, 3, seed));
    EXPECT_EQ(errors.figures, 300);
    EXPECT_EQ(errors.groups, 30);
    EXPECT_NEAR(errors.median_pct, 4, 1);
    ASSERT_EQ(errors.factors.size(), 1u);
    EXPECT_NEAR(errors.factors[0].second, 3, 1);
    EXPECT_GT(errors.p90_pct, errors.median_pct);
  }
}

TEST(ErrorModel, KeepsItsPromiseOnGroupsItHasNotSeen) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    BandTest test;
    const MetricErrors errors = fit_errors("tpot_mean", drawn(30, 4, 3, seed), &test);
    EXPECT_GE(test.inside_pct, 83);
    EXPECT_LE(test.inside_pct, 96);
    EXPECT_EQ(test.inside_pct, errors.inside_pct);
    EXPECT_EQ(test.silent, 0);
    EXPECT_LT(test.median_width_pct, 4 * test.median_error_pct);
  }
}

TEST(ErrorModel, AFeatureOfOneGroupSaysNothing) {
  std::vector<ErrorSample> samples = drawn(6, 4, 1, 1);
  for (ErrorSample& s : samples) s.features.clear();
  for (int i = 0; i < 10; ++i) samples[static_cast<std::size_t>(i)].features = {"rare"};
  BandTest test;
  const MetricErrors errors = fit_errors("ttft_mean", samples, &test);
  EXPECT_TRUE(errors.factors.empty());
  EXPECT_EQ(test.silent, 10);
  EXPECT_EQ(band_of(errors, std::vector<std::string>{"rare"}), std::nullopt);
  EXPECT_NE(band_of(errors, {}), std::nullopt);
}

TEST(ErrorModel, OfNothingPromisesNothing) {
  const MetricErrors errors = fit_errors("ttft_mean", {});
  EXPECT_EQ(errors.figures, 0);
  EXPECT_TRUE(std::isfinite(errors.p90_pct));
}

}  // namespace
}  // namespace blis
