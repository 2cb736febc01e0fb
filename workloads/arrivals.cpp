#include "workloads/arrivals.h"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/gamma_distribution.hpp>
#include <cmath>
#include <limits>

#include "sim/stop_request.h"

namespace blis {

using Process = ArrivalSpec::Process;

Arrivals::Arrivals(const ArrivalSpec& spec, std::uint64_t seed, std::uint64_t index,
                   std::optional<std::int64_t> count, std::optional<double> duration_s)
    : process_(spec.process),
      random_(random_stream(seed, "arrivals", index)),
      curve_(spec.curve, spec.request_rate, random_stream(seed, "rate curve", index)),
      stages_(spec.stages) {
  if (spec.curve.exact) steps_.emplace(spec.curve);
  switch (process_) {
    case Process::gamma:
      shape_ = spec.burstiness;
      scale_ = 1 / shape_;
      break;
    case Process::weibull:
      shape_ = spec.shape;
      scale_ = 1 / std::tgamma(1 + 1 / shape_);
      break;
    case Process::normalized_exponential:
      if (stages_.empty()) {
        const double length =
            duration_s ? *duration_s : static_cast<double>(count.value_or(1)) / spec.request_rate;
        stages_.push_back({spec.request_rate, length});
      }
      break;
    case Process::servegen:
      servegen_.emplace(read_servegen_windows(LineReader(spec.path)), random_);
      break;
    default:
      break;
  }
}

double Arrivals::gap(RandomStream& random) const {
  switch (process_) {
    case Process::gamma:
      return boost::random::gamma_distribution<double>(shape_, scale_)(random);
    case Process::weibull: {
      const double exponential = boost::random::exponential_distribution<double>()(random);
      return scale_ * std::pow(exponential, 1 / shape_);
    }
    case Process::constant:
      return 1;
    default:
      return boost::random::exponential_distribution<double>()(random);
  }
}

double Arrivals::next() {
  switch (process_) {
    case Process::at_once:
      return 0;
    case Process::normalized_exponential:
      return next_normalized();
    case Process::servegen:
      return servegen_->next();
    default:
      break;
  }
  if (steps_) return steps_->next(random_, [this](RandomStream& random) { return gap(random); });
  const bool starts_with_an_arrival = first_ && process_ == Process::constant;
  first_ = false;
  if (!starts_with_an_arrival) expected_ += gap(random_);
  return curve_.time_of(expected_);
}

// inference-perf's "constant" load: as many exponential gaps as the stage has requests, rescaled so
// that they fill it. Source: kubernetes-sigs/inference-perf, load timers.
double Arrivals::next_normalized() {
  while (left_in_stage_ == 0) {
    stop_if_requested();
    if (next_stage_ == stages_.size()) return std::numeric_limits<double>::infinity();
    const ArrivalSpec::Stage& stage = stages_[next_stage_++];
    stage_start_s_ += stage_length_s_;
    stage_length_s_ = stage.duration_s;
    left_in_stage_ = std::llround(stage.request_rate * stage.duration_s);
    in_stage_ = stage_sum_ = 0;
    RandomStream ahead = random_;  // the same gaps again, to know their sum without holding them
    boost::random::exponential_distribution<double> exponential;
    for (std::int64_t i = 0; i < left_in_stage_; ++i) {
      stop_if_requested();
      stage_sum_ += exponential(ahead);
    }
  }
  --left_in_stage_;
  in_stage_ += gap(random_);
  return stage_start_s_ + stage_length_s_ * std::min(1.0, in_stage_ / stage_sum_);
}

}  // namespace blis
