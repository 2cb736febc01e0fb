#include "workloads/sampler.h"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <limits>

#include "workloads/bad_row.h"
#include "workloads/lengths_file.h"

namespace blis {

Sampler::Sampler(const Distribution& d, bool output)
    : kind_(d.kind),
      min_(d.min.value_or(-std::numeric_limits<double>::infinity())),
      max_(d.max.value_or(std::numeric_limits<double>::infinity())) {
  switch (d.kind) {
    case Distribution::Kind::constant:
      a_ = d.value;
      break;
    case Distribution::Kind::normal:
      a_ = d.mean;
      b_ = d.stddev;
      break;
    case Distribution::Kind::lognormal: {
      // Mean and variance of exp(N(mu, s^2)) are exp(mu + s^2/2) and (exp(s^2) - 1) exp(2 mu + s^2).
      const double cv = d.stddev / d.mean;
      const double variance = std::log1p(cv * cv);
      a_ = std::log(d.mean) - variance / 2;
      b_ = std::sqrt(variance);
      break;
    }
    case Distribution::Kind::exponential:
      b_ = d.mean;
      break;
    case Distribution::Kind::zipf:
      a_ = d.exponent;
      break;
    case Distribution::Kind::empirical:
      for (const LengthPair& pair : read_lengths(d.path))
        observed_.push_back(output ? pair.output : pair.input);
      break;
    case Distribution::Kind::quantiles:
      points_ = d.points;
      break;
    case Distribution::Kind::uniform:
      break;
  }
}

double Sampler::unclamped(RandomStream& random) {
  switch (kind_) {
    case Distribution::Kind::constant:
      return a_;
    case Distribution::Kind::uniform:
      return min_ + (max_ - min_) * unit_uniform(random);
    case Distribution::Kind::normal:
      return a_ + b_ * normal_(random);
    case Distribution::Kind::lognormal:
      return std::exp(a_ + b_ * normal_(random));
    case Distribution::Kind::exponential:
      return b_ * exponential_(random);
    case Distribution::Kind::zipf:
      return static_cast<double>(zipf(random));
    case Distribution::Kind::quantiles:
      return between_quantiles(unit_uniform(random));
    case Distribution::Kind::empirical:
      break;
  }
  boost::random::uniform_int_distribution<std::size_t> index(0, observed_.size() - 1);
  return observed_[index(random)];
}

double Sampler::between_quantiles(double share) const {
  const auto above = std::ranges::upper_bound(points_, share, {}, &Distribution::Quantile::share);
  if (above == points_.begin()) return points_.front().value;
  if (above == points_.end()) return points_.back().value;
  const auto& below = *(above - 1);
  return below.value + (above->value - below.value) * (share - below.share) / (above->share - below.share);
}

double Sampler::real(RandomStream& random) {
  return std::clamp(unclamped(random), min_, max_);
}

std::int32_t Sampler::count(RandomStream& random) {
  if (kind_ == Distribution::Kind::uniform) {
    const auto low = static_cast<std::int64_t>(std::ceil(min_));
    const auto high = std::max(low, static_cast<std::int64_t>(std::floor(max_)));
    boost::random::uniform_int_distribution<std::int64_t> integer(low, high);
    return static_cast<std::int32_t>(integer(random));
  }
  constexpr auto kMost = static_cast<double>(kMaxTokensPerRequest);
  const double x = std::clamp(unclamped(random), min_, max_);
  return static_cast<std::int32_t>(std::clamp(std::round(x), 1.0, kMost));
}

// Rejection from the integral of x^-a. Source: Hörmann and Derflinger, "Rejection-inversion to
// generate variates from monotone discrete distributions", ACM TOMACS 6 (1996).
std::int64_t Sampler::zipf(RandomStream& random) const {
  const double a = a_;
  const auto h = [a](double x) { return std::pow(x, -a); };
  const auto integral = [a](double x) { return a == 1 ? std::log(x) : std::pow(x, 1 - a) / (1 - a); };
  const auto inverse = [a](double y) { return a == 1 ? std::exp(y) : std::pow((1 - a) * y, 1 / (1 - a)); };
  const double first = std::ceil(min_);
  const double last = std::floor(max_);
  const double low = integral(first + 0.5) - h(first);
  const double high = integral(last + 0.5);
  for (;;) {
    const double y = low + unit_uniform(random) * (high - low);
    const double x = inverse(y);
    const double k = std::clamp(std::round(x), first, last);
    if (y >= integral(k + 0.5) - h(k)) return static_cast<std::int64_t>(k);
  }
}

}  // namespace blis
