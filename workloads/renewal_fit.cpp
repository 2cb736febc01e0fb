#include "workloads/renewal_fit.h"

#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <vector>

namespace blis {
namespace {

constexpr double kClock = 1e-9;
constexpr double kSmallestShape = 1e-3;
constexpr double kLargestShape = 1e4;

struct Sample {
  std::vector<double> gaps;  // ascending, at least kClock
  double mean = 0, variance = 0, mean_log = 0;
};

// At most kEnough of the gaps, evenly over the trace: more cost time and change nothing.
Sample sample_of(std::span<const double> gaps) {
  constexpr std::size_t kEnough = 100'000;
  const std::size_t stride = (gaps.size() + kEnough - 1) / kEnough;
  Sample s;
  for (std::size_t i = 0; i < gaps.size(); i += stride) s.gaps.push_back(gaps[i]);
  for (double& gap : s.gaps) gap = std::max(gap, kClock);
  std::sort(s.gaps.begin(), s.gaps.end());
  const auto n = static_cast<double>(s.gaps.size());
  for (const double gap : s.gaps) {
    s.mean += gap / n;
    s.mean_log += std::log(gap) / n;
  }
  for (const double gap : s.gaps) s.variance += (gap - s.mean) * (gap - s.mean) / n;
  return s;
}

double clamped(double shape) {
  return std::clamp(shape, kSmallestShape, kLargestShape);
}

// Newton's method on the likelihood from the usual first guess. Source: Minka, "Estimating a Gamma
// distribution" (2002).
double gamma_shape(const Sample& s) {
  const double d = std::log(s.mean) - s.mean_log;
  if (d <= 0) return kLargestShape;
  double k = clamped((3 - d + std::sqrt((d - 3) * (d - 3) + 24 * d)) / (12 * d));
  for (int i = 0; i < 20; ++i) {
    const double slope = 1 / k - boost::math::trigamma(k);
    k = clamped(k - (std::log(k) - boost::math::digamma(k) - d) / slope);
  }
  return k;
}

// The likelihood equation of the shape has one root, which is found by halving.
double weibull_shape(const Sample& s) {
  const auto excess = [&](double k) {
    double weights = 0;
    double logs = 0;
    for (const double gap : s.gaps) {
      const double w = std::pow(gap / s.mean, k);
      weights += w;
      logs += w * std::log(gap);
    }
    return logs / weights - 1 / k - s.mean_log;
  };
  double low = 0.05;
  double high = 50;
  for (int i = 0; i < 40; ++i) {
    const double middle = std::sqrt(low * high);
    (excess(middle) < 0 ? low : high) = middle;
  }
  return std::sqrt(low * high);
}

template <class Cdf>
double distance(const Sample& s, Cdf cdf) {
  const auto n = static_cast<double>(s.gaps.size());
  double largest = 0;
  for (std::size_t i = 0; i < s.gaps.size(); ++i) {
    const double expected = cdf(s.gaps[i]);
    largest = std::max({largest, std::abs(expected - static_cast<double>(i) / n),
                        std::abs(static_cast<double>(i + 1) / n - expected)});
  }
  return largest;
}

}  // namespace

RenewalFit fit_renewal(std::span<const double> gaps) {
  using Process = ArrivalSpec::Process;
  const Sample s = sample_of(gaps);
  const double rate = 1 / s.mean;
  // A second parameter must be worth more than the sample's own noise.
  const double worth = 0.5 / std::sqrt(static_cast<double>(s.gaps.size()));
  RenewalFit best;
  const auto offer = [&](const ArrivalSpec& arrival, double d) {
    const bool instead_of_poisson = best.arrival.process == Process::poisson && best.distance < 1;
    if (d < best.distance - (instead_of_poisson ? worth : 0)) best = {arrival, d};
  };
  offer({.process = Process::poisson, .request_rate = rate},
        distance(s, [&](double gap) { return -std::expm1(-gap / s.mean); }));
  for (const double shape : {gamma_shape(s), clamped(s.mean * s.mean / s.variance)}) {
    offer({.process = Process::gamma, .request_rate = rate, .burstiness = shape},
          distance(s, [&](double gap) { return boost::math::gamma_p(shape, shape * gap / s.mean); }));
  }
  const double shape = weibull_shape(s);
  const double scale = s.mean / std::tgamma(1 + 1 / shape);
  offer({.process = Process::weibull, .request_rate = rate, .shape = shape},
        distance(s, [&](double gap) { return -std::expm1(-std::pow(gap / scale, shape)); }));
  constexpr double kNearlyEqual = 0.01;  // of the mean
  if (std::sqrt(s.variance) < kNearlyEqual * s.mean)
    offer({.process = Process::constant, .request_rate = rate}, 0);
  return best;
}

double kolmogorov_smirnov(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  double largest = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    const double x = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == x) ++i;
    while (j < b.size() && b[j] == x) ++j;
    largest = std::max(largest, std::abs(static_cast<double>(i) / static_cast<double>(a.size()) -
                                         static_cast<double>(j) / static_cast<double>(b.size())));
  }
  return largest;
}

}  // namespace blis
