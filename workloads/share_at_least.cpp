#include "workloads/share_at_least.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace blis {
namespace {

// P(N(0, 1) >= z).
double normal_above(double z) {
  return std::erfc(z / std::sqrt(2.0)) / 2;
}

double lognormal_above(const Distribution& d, double x) {
  if (x <= 0) return 1;
  // As Sampler's: the logarithm's location and scale.
  const double cv = d.stddev / d.mean, variance = std::log1p(cv * cv);
  const double location = std::log(d.mean) - variance / 2;
  if (variance == 0) return d.mean >= x ? 1 : 0;
  return normal_above((std::log(x) - location) / std::sqrt(variance));
}

// Straight lines between the points; all at the first or the last value beyond them.
double quantiles_above(const std::vector<Distribution::Quantile>& points, double x) {
  if (points.front().value >= x) return 1;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const auto &below = points[i - 1], &above = points[i];
    if (above.value < x) continue;
    const double part = (x - below.value) / (above.value - below.value);
    return 1 - (below.share + part * (above.share - below.share));
  }
  return 0;
}

// Of the integers of [min, max], each with its weight.
template <class Weight>
double integers_above(const Distribution& d, double x, Weight weight) {
  const double first = std::ceil(*d.min), last = std::max(first, std::floor(*d.max));
  double all = 0, above = 0;
  for (double k = first; k <= last; ++k) {
    all += weight(k);
    if (k >= x) above += weight(k);
  }
  return above / all;
}

// P(X >= x) before clamping; of those that draw integers, of X as they draw it.
double above(const Distribution& d, double x) {
  switch (d.kind) {
    case Distribution::Kind::constant:
      return d.value >= x ? 1 : 0;
    case Distribution::Kind::uniform:
      return integers_above(d, x, [](double) { return 1.0; });
    case Distribution::Kind::normal:
      return d.stddev == 0 ? (d.mean >= x ? 1 : 0) : normal_above((x - d.mean) / d.stddev);
    case Distribution::Kind::lognormal:
      return lognormal_above(d, x);
    case Distribution::Kind::exponential:
      return x <= 0 ? 1 : std::exp(-x / d.mean);
    case Distribution::Kind::zipf:
      return integers_above(d, x, [&](double k) { return std::pow(k, -d.exponent); });
    case Distribution::Kind::quantiles:
      return quantiles_above(d.points, x);
    case Distribution::Kind::empirical:
      break;
  }
  assert(false && "no lengths of a trace");
  return 0;
}

}  // namespace

double share_at_least(const Distribution& d, int count) {
  if (d.min && *d.min > count - 0.5) return 1;
  if (d.max && *d.max < count - 0.5) return 0;
  return above(d, count - 0.5);
}

}  // namespace blis
