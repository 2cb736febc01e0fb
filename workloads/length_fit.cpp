#include "workloads/length_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "workloads/renewal_fit.h"
#include "workloads/sampler.h"

namespace blis {
namespace {

using Kind = Distribution::Kind;

constexpr int kDraws = 20'000;

// By drawing: what counts is what will be generated, rounding and clamping included.
double distance(const std::vector<double>& lengths, const Distribution& distribution) {
  Sampler sampler(distribution);
  RandomStream random = random_stream(0, "length fit");
  std::vector<double> drawn(kDraws);
  for (double& length : drawn) length = sampler.count(random);
  return kolmogorov_smirnov(lengths, std::move(drawn));
}

std::string describe(const Distribution& d) {
  switch (d.kind) {
    case Kind::constant:
      return fmt::format("constant {:g}", d.value);
    case Kind::uniform:
      return fmt::format("uniform from {:g} to {:g}", *d.min, *d.max);
    case Kind::exponential:
      return fmt::format("exponential, mean {:.4g}", d.mean);
    default:
      return fmt::format("{}, mean {:.4g}, stddev {:.4g}", d.kind == Kind::normal ? "normal" : "lognormal",
                         d.mean, d.stddev);
  }
}

}  // namespace

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
  LengthFit best;
  for (Distribution& candidate : candidates) {
    candidate.min = *smallest;
    candidate.max = *largest;
    const double d = distance(lengths, candidate);
    if (d < best.distance) best = {candidate, describe(candidate), d};
  }
  return best;
}

}  // namespace blis
