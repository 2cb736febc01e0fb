// Draws from a Distribution.
#pragma once

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/normal_distribution.hpp>
#include <cstdint>
#include <vector>

#include "workloads/random.h"
#include "workloads/workload_spec.h"

namespace blis {

class Sampler {
 public:
  // Of a checked distribution. Reads the trace of an empirical one: `output` says which of its
  // lengths. Throws InputError if that cannot be read.
  explicit Sampler(const Distribution& distribution, bool output = false);

  // Clamped to [min, max]; uniform ones are continuous.
  double real(RandomStream& random);

  // Rounded to nearest, half away from zero, then clamped to [min, max] and to at least 1; uniform
  // ones draw every integer of [min, max] with equal probability.
  std::int32_t count(RandomStream& random);

 private:
  double unclamped(RandomStream& random);
  std::int64_t zipf(RandomStream& random) const;
  double between_quantiles(double share) const;

  Distribution::Kind kind_;
  double min_, max_;
  double a_ = 0, b_ = 0;  // constant: value; normal, lognormal: location and scale; zipf: below
  boost::random::normal_distribution<double> normal_;
  boost::random::exponential_distribution<double> exponential_;
  std::vector<std::int32_t> observed_;  // empirical
  std::vector<Distribution::Quantile> points_;
};

}  // namespace blis
