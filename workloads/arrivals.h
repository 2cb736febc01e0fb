// When requests (or sessions) arrive: draws an ArrivalSpec's moments one after the other.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workloads/exact_steps.h"
#include "workloads/random.h"
#include "workloads/rate_curve.h"
#include "workloads/servegen.h"
#include "workloads/workload_spec.h"

namespace blis {

class Arrivals {
 public:
  // Of a checked open-loop spec. For normalized_exponential without stages, `count` or `duration_s`
  // says how long its one stage is. `index` tells apart streams with the same seed. Throws InputError
  // if the file of a ServeGen client cannot be read.
  Arrivals(const ArrivalSpec& spec, std::uint64_t seed, std::uint64_t index,
           std::optional<std::int64_t> count, std::optional<double> duration_s);

  // Seconds from the start, never less than before; infinite when there are no more.
  double next();

  // Of the moment returned last: which stage it belongs to, and when that starts. One stage for
  // everything but normalized_exponential.
  std::size_t stage() const { return next_stage_ == 0 ? 0 : next_stage_ - 1; }
  std::size_t stages() const { return stages_.empty() ? 1 : stages_.size(); }
  double stage_start_s() const { return stage_start_s_; }

 private:
  double gap(RandomStream& random) const;  // of mean 1
  double next_normalized();

  ArrivalSpec::Process process_;
  double shape_ = 1, scale_ = 1;
  RandomStream random_;
  RateCursor curve_;
  std::optional<ExactSteps> steps_;  // instead of the cursor
  double expected_ = 0;              // arrivals, by the curve
  bool first_ = true;
  std::optional<ServeGenArrivals> servegen_;

  std::vector<ArrivalSpec::Stage> stages_;
  std::size_t next_stage_ = 0;
  std::int64_t left_in_stage_ = 0;
  double stage_start_s_ = 0, stage_length_s_ = 0;
  double in_stage_ = 0, stage_sum_ = 0;  // gaps drawn so far, and all of them
};

}  // namespace blis
