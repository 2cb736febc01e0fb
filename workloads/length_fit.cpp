#include "workloads/length_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "workloads/renewal_fit.h"
#include "workloads/sampler.h"
#include "workloads/significant_digits.h"

namespace blis {
namespace {

using Kind = Distribution::Kind;

constexpr int kDraws = 20'000;

struct Distances {
  double shape = 1;  // Kolmogorov-Smirnov
  double mean = 1;   // relative
  double both() const { return shape + mean; }
};

// By drawing: what counts is what will be generated, rounding and clamping included.
Distances distances(const std::vector<double>& lengths, double mean, const Distribution& distribution) {
  Sampler sampler(distribution);
  RandomStream random = random_stream(0, "length fit");
  std::vector<double> drawn(kDraws);
  double drawn_mean = 0;
  for (double& length : drawn) {
    length = sampler.count(random);
    drawn_mean += length / kDraws;
  }
  return {kolmogorov_smirnov(lengths, std::move(drawn)), std::abs(drawn_mean / mean - 1)};
}

std::string describe(const Distribution& d) {
  switch (d.kind) {
    case Kind::constant:
      return fmt::format("constant {:g}", d.value);
    case Kind::uniform:
      return fmt::format("uniform from {:g} to {:g}", *d.min, *d.max);
    case Kind::exponential:
      return fmt::format("exponential, mean {:.4g}", d.mean);
    case Kind::quantiles:
      return fmt::format("{} quantiles", d.points.size());
    default:
      return fmt::format("{}, mean {:.4g}, stddev {:.4g}", d.kind == Kind::normal ? "normal" : "lognormal",
                         d.mean, d.stddev);
  }
}

}  // namespace

Distribution quantiles_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  Distribution d{.kind = Kind::quantiles};
  // Closer together where few large values make much of the load.
  for (const double share :
       {0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0}) {
    const double rank = share * static_cast<double>(values.size() - 1);
    d.points.push_back({share, values[static_cast<std::size_t>(std::lround(rank))]});
  }
  return d;
}

LengthFit fit_length(const std::vector<double>& lengths) {
  const auto n = static_cast<double>(lengths.size());
  const auto [smallest, largest] = std::minmax_element(lengths.begin(), lengths.end());
  double mean = 0;
  double mean_log = 0;
  for (const double x : lengths) {
    mean += x / n;
    mean_log += std::log(x) / n;
  }
  double variance = 0;
  double variance_log = 0;
  for (const double x : lengths) {
    variance += (x - mean) * (x - mean) / n;
    variance_log += (std::log(x) - mean_log) * (std::log(x) - mean_log) / n;
  }
  const double stddev = std::sqrt(variance);
  const double mean_by_log = std::exp(mean_log + variance_log / 2);
  const double stddev_by_log = mean_by_log * std::sqrt(std::expm1(variance_log));

  std::vector<Distribution> candidates{
      {.kind = Kind::constant, .value = std::round(mean)},
      {.kind = Kind::uniform},
      {.kind = Kind::normal, .mean = mean, .stddev = stddev},
      {.kind = Kind::lognormal, .mean = mean, .stddev = stddev},
      {.kind = Kind::lognormal, .mean = mean_by_log, .stddev = stddev_by_log},
      {.kind = Kind::exponential, .mean = mean}};
  for (Distribution& candidate : candidates) {
    candidate.mean = to_significant_digits(candidate.mean, 5);
    candidate.stddev = to_significant_digits(candidate.stddev, 5);
    candidate.min = *smallest;
    candidate.max = *largest;
  }
  Distribution best;
  Distances nearest;
  const auto offer = [&](const Distribution& candidate) {
    const Distances d = distances(lengths, mean, candidate);
    if (d.both() >= nearest.both()) return;
    best = candidate;
    nearest = d;
  };
  for (const Distribution& candidate : candidates) offer(candidate);
  constexpr double kNear = 0.08;
  if (nearest.both() > kNear) offer(quantiles_of(lengths));
  return {best, describe(best), nearest.shape};
}

}  // namespace blis
