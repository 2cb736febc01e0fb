// Each arrival process against its own rate, burstiness and shape, at fixed seeds.
#include "workloads/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace blis {
namespace {

using Process = ArrivalSpec::Process;
using Curve = RateCurve::Kind;
constexpr int kMany = 200'000;

std::vector<double> times(const ArrivalSpec& spec, int n = kMany, std::uint64_t seed = 1) {
  Arrivals arrivals(spec, seed, 0, n, std::nullopt);
  std::vector<double> seconds(static_cast<std::size_t>(n));
  for (double& t : seconds) t = arrivals.next();
  EXPECT_TRUE(std::is_sorted(seconds.begin(), seconds.end()));
  return seconds;
}

struct GapStatistics {
  double mean, cv;
};

GapStatistics gaps(const std::vector<double>& t) {
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 1; i < t.size(); ++i) {
    sum += t[i] - t[i - 1];
    squares += (t[i] - t[i - 1]) * (t[i] - t[i - 1]);
  }
  const auto n = static_cast<double>(t.size() - 1);
  const double mean = sum / n;
  return {mean, std::sqrt(squares / n - mean * mean) / mean};
}

// Arrivals in [from, to).
double count_in(const std::vector<double>& t, double from, double to) {
  return static_cast<double>(std::lower_bound(t.begin(), t.end(), to) -
                             std::lower_bound(t.begin(), t.end(), from));
}

// Four standard errors of the mean of kMany gaps.
double mean_tolerance(double mean, double cv) {
  return 4 * mean * cv / std::sqrt(kMany);
}

TEST(Arrivals, PoissonHasItsRateAndCoefficientOfVariationOne) {
  const GapStatistics g = gaps(times({.process = Process::poisson, .request_rate = 20}));
  EXPECT_NEAR(g.mean, 0.05, mean_tolerance(0.05, 1));
  EXPECT_NEAR(g.cv, 1, 0.01);
}

TEST(Arrivals, PoissonCountsHaveTheVarianceOfTheirMean) {
  const std::vector<double> t = times({.process = Process::poisson, .request_rate = 20});
  double sum = 0;
  double squares = 0;
  constexpr int kWindows = 9000;
  for (int i = 0; i < kWindows; ++i) {
    const double n = count_in(t, i, i + 1);
    sum += n;
    squares += n * n;
  }
  const double mean = sum / kWindows;
  EXPECT_NEAR((squares / kWindows - mean * mean) / mean, 1, 0.05);
}

TEST(Arrivals, GammaBurstinessIsItsShape) {
  for (const double burstiness : {0.25, 0.5, 1.0, 4.0}) {
    const GapStatistics g =
        gaps(times({.process = Process::gamma, .request_rate = 10, .burstiness = burstiness}));
    EXPECT_NEAR(g.mean, 0.1, mean_tolerance(0.1, 1 / std::sqrt(burstiness))) << burstiness;
    EXPECT_NEAR(g.cv, 1 / std::sqrt(burstiness), 0.02) << burstiness;
  }
}

TEST(Arrivals, WeibullHasTheCoefficientOfVariationOfItsShape) {
  for (const double shape : {0.5, 1.0, 2.0}) {
    const GapStatistics g = gaps(times({.process = Process::weibull, .request_rate = 10, .shape = shape}));
    const double m = std::tgamma(1 + 1 / shape);
    EXPECT_NEAR(g.mean, 0.1, mean_tolerance(0.1, g.cv)) << shape;
    EXPECT_NEAR(g.cv, std::sqrt(std::tgamma(1 + 2 / shape) / (m * m) - 1), 0.05) << shape;
  }
}

TEST(Arrivals, ConstantArrivalsStartAtZeroWithEqualGaps) {
  EXPECT_EQ(times({.process = Process::constant, .request_rate = 4}, 4),
            (std::vector<double>{0, 0.25, 0.5, 0.75}));
}

TEST(Arrivals, AtOnceIsAtOnce) {
  EXPECT_EQ(times({.process = Process::at_once}, 3), (std::vector<double>{0, 0, 0}));
}

TEST(Arrivals, NormalizedExponentialFillsEachStageExactly) {
  Arrivals arrivals({.process = Process::normalized_exponential, .stages = {{5, 60}, {20, 30}}}, 1, 0,
                    std::nullopt, std::nullopt);
  std::vector<double> t;
  for (double s = arrivals.next(); s != std::numeric_limits<double>::infinity(); s = arrivals.next())
    t.push_back(s);
  ASSERT_EQ(t.size(), 900U);
  EXPECT_NEAR(t[299], 60, 1e-9);
  EXPECT_NEAR(t[899], 90, 1e-9);
  EXPECT_EQ(count_in(t, 0, 59.9999), 299);
}

TEST(Arrivals, EqualSeedsGiveEqualTimesAndRatesOnlyStretchThem) {
  const auto slow = times({.process = Process::poisson, .request_rate = 1}, 1000);
  const auto fast = times({.process = Process::poisson, .request_rate = 8}, 1000);
  for (std::size_t i = 0; i < slow.size(); ++i) ASSERT_NEAR(slow[i], 8 * fast[i], 1e-9);
  EXPECT_NE(slow, times({.process = Process::poisson, .request_rate = 1}, 1000, 2));
}

TEST(RateCurve, OnOffSendsOnlyWhileItIsOn) {
  const auto t = times({.process = Process::poisson,
                        .request_rate = 50,
                        .curve = {.kind = Curve::on_off, .on_s = 10, .off_s = 30}},
                       20'000);
  for (const double s : t) ASSERT_LT(std::fmod(s, 40), 10.0 + 1e-9);
  EXPECT_NEAR(count_in(t, 0, 1200) / 1200, 50.0 / 4, 0.6);
}

TEST(RateCurve, RandomPhasesHaveTheMeanRateOfTheirStates) {
  const auto t =
      times({.process = Process::poisson,
             .request_rate = 40,
             .curve = {.kind = Curve::on_off, .on_s = 2, .off_s = 6, .off_rate = 8, .random = true}});
  EXPECT_NEAR(kMany / t.back(), (40 * 2 + 8 * 6) / 8.0, 0.5);
  const auto modulated =
      times({.curve = {.kind = Curve::mmpp,
                       .states = {{.request_rate = 5, .hold_s = 3}, {.request_rate = 45, .hold_s = 1}}}});
  EXPECT_NEAR(kMany / modulated.back(), (5 * 3 + 45 * 1) / 4.0, 0.5);
  EXPECT_GT(gaps(modulated).cv, 1.3) << "an MMPP is burstier than Poisson";
}

TEST(RateCurve, PiecewiseRatesAreStraightLinesOrSteps) {
  const RateCurve ramp{.kind = Curve::piecewise, .points = {{0, 0}, {100, 200}, {200, 200}, {200, 50}}};
  const auto t = times({.process = Process::constant, .curve = ramp}, 40'000);
  EXPECT_NEAR(count_in(t, 0, 50), 2500, 1.5) << "a ramp from 0 to 200 is at 100 half way";
  EXPECT_NEAR(count_in(t, 0, 100), 10'000, 1.5);
  EXPECT_NEAR(count_in(t, 100, 200), 20'000, 1.5);
  EXPECT_NEAR(count_in(t, 200, 300), 5000, 1.5) << "the last rate holds";

  RateCurve steps{.kind = Curve::piecewise, .points = {{0, 10}, {100, 30}}, .steps = true, .repeat_s = 200};
  const auto s = times({.process = Process::constant, .curve = steps}, 10'000);
  EXPECT_NEAR(count_in(s, 0, 100), 1000, 1.5);
  EXPECT_NEAR(count_in(s, 100, 200), 3000, 1.5);
  EXPECT_NEAR(count_in(s, 200, 300), 1000, 1.5);
}

TEST(RateCurve, ExactStepsHaveTheirNumberOfRequestsWhateverTheSeed) {
  const RateCurve steps{.kind = Curve::piecewise,
                        .points = {{0, 3}, {10, 0}, {15, 40.25}, {25, 1}},
                        .steps = true,
                        .repeat_s = 30,
                        .exact = true};
  for (const ArrivalSpec& spec : {ArrivalSpec{.process = Process::poisson, .curve = steps},
                                  ArrivalSpec{.process = Process::gamma, .burstiness = 0.05, .curve = steps},
                                  ArrivalSpec{.process = Process::weibull, .shape = 0.5, .curve = steps},
                                  ArrivalSpec{.process = Process::constant, .curve = steps}}) {
    const auto t = times(spec, 4000);
    EXPECT_TRUE(std::ranges::is_sorted(t));
    EXPECT_EQ(count_in(t, 0, 10), 30);
    EXPECT_EQ(count_in(t, 10, 15), 0);
    EXPECT_NEAR(count_in(t, 15, 25), 402.5, 0.5);
    EXPECT_EQ(count_in(t, 30, 40), 30) << "it repeats";
    EXPECT_EQ(count_in(t, 0, 60), 875) << "halves of requests are kept: 2 x 437.5";
  }
}

TEST(RateCurve, ACurveThatEndsAtZeroEndsTheArrivals) {
  const RateCurve spike{.kind = Curve::piecewise, .points = {{0, 10}, {10, 10}, {10, 0}}};
  const auto t = times({.process = Process::constant, .curve = spike}, 120);
  EXPECT_EQ(std::count(t.begin(), t.end(), std::numeric_limits<double>::infinity()), 20);
}

TEST(RateCurve, ARampFromZeroBeginsWithAnArrivalWhereItBegins) {
  const RateCurve ramp{.kind = Curve::piecewise, .points = {{0, 0}, {60, 10}}};
  const auto t = times({.process = Process::constant, .curve = ramp}, 300);
  EXPECT_EQ(t.front(), 0);
  EXPECT_NEAR(count_in(t, 0, 60), 300, 1.5);
  // A triangle of whole area: every period ends and begins at 0.
  const RateCurve triangle{.kind = Curve::piecewise, .points = {{0, 0}, {10, 10}, {20, 0}}, .repeat_s = 20};
  const auto s = times({.process = Process::constant, .curve = triangle}, 500);
  EXPECT_EQ(std::count(s.begin(), s.end(), std::numeric_limits<double>::infinity()), 0);
  EXPECT_NEAR(count_in(s, 20, 40), 100, 1.5);
}

TEST(RateCurve, DiurnalRatesFollowTheirCosine) {
  const RateCurve day{.kind = Curve::diurnal, .period_s = 1000, .amplitude = 0.8, .peak_s = 250};
  const auto t = times({.process = Process::constant, .request_rate = 100, .curve = day}, 200'000);
  EXPECT_NEAR(count_in(t, 0, 1000), 100'000, 5);
  // Integral of 100 (1 + 0.8 cos(2 pi (t - 250) / 1000)) over the half around the peak.
  EXPECT_NEAR(count_in(t, 0, 500), 100 * (500 + 0.8 * 1000 / std::acos(-1.0)), 10);
  EXPECT_NEAR(count_in(t, 1000, 2000), 100'000, 5);
}

}  // namespace
}  // namespace blis
