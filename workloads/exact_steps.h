// Arrivals of which each step of a curve has exactly as many as its rate says.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "sim/stop_request.h"
#include "workloads/random.h"
#include "workloads/workload_spec.h"

namespace blis {

// Gaps keep their character and are stretched to fill the step. What a step's rate times its length has
// beyond whole requests is kept for the steps that follow.
class ExactSteps {
 public:
  // Of a checked curve with `exact`.
  explicit ExactSteps(const RateCurve& curve) : curve_(curve) {}

  // Seconds from the start, never less than before. `gap(random)` draws a gap, of whatever mean.
  template <class Gap>
  double next(RandomStream& random, Gap gap) {
    while (left_ == 0) {
      stop_if_requested();
      enter_next_step();
      if (left_ == 0) continue;
      RandomStream ahead = random;  // the same gaps again, to know their sum without holding them
      filled_ = sum_ = 0;
      for (std::int64_t i = 0; i <= left_; ++i) {  // one more: from the last arrival to the step's end
        stop_if_requested();
        sum_ += gap(ahead);
      }
    }
    filled_ += gap(random);
    if (--left_ == 0) gap(random);
    return start_ + length_ * (sum_ > 0 ? std::min(1.0, filled_ / sum_) : 0.5);
  }

 private:
  void enter_next_step() {
    const RateCurve::Point& point = curve_.points[step_];
    start_ = period_ + point.at_s;
    const bool last = ++step_ == curve_.points.size();
    length_ = (last ? *curve_.repeat_s : curve_.points[step_].at_s) - point.at_s;
    if (last) {
      step_ = 0;
      period_ += *curve_.repeat_s;
    }
    owed_ += point.request_rate * length_;
    left_ = std::max(0LL, std::llround(owed_));
    owed_ -= static_cast<double>(left_);
  }

  RateCurve curve_;
  std::size_t step_ = 0;           // to come next
  double period_ = 0;              // where the repetition that it lies in begins, seconds
  double start_ = 0, length_ = 0;  // of the step that arrivals are in, seconds
  double owed_ = 0;                // requests, less than one
  std::int64_t left_ = 0;          // in the step
  double filled_ = 0, sum_ = 0;    // gaps drawn so far, and all of them
};

}  // namespace blis
