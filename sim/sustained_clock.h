// The clock of a GPU that computes for long: it drops when arithmetic draws more power than the board
// allows, and recovers while memory or nothing is the bound.
#pragma once

#include <algorithm>

#include "sim/units.h"

namespace blis {

// Arithmetic takes `slowdown` times its time more once the GPU has done nothing else for much longer than
// `window`. Zero: clocks never drop.
struct SustainedClockConfig {
  double slowdown = 0;
  Duration window{0};
};

// Follows the share of time spent in arithmetic, averaged over about the window.
class SustainedClock {
 public:
  explicit SustainedClock(const SustainedClockConfig& config)
      : slowdown_(config.slowdown), window_(Seconds(config.window).count()) {}

  // Time that a step of `total`, of which `compute` is arithmetic, takes longer, after `idle` without one.
  Seconds run(Duration idle, Seconds compute, Seconds total) {
    if (slowdown_ <= 0 || total.count() <= 0) return Seconds{0};
    // Implicit steps of a moving average: exact in both limits, and always within [0, 1].
    if (idle.count() > 0) average_ *= window_ / (window_ + Seconds(idle).count());
    average_ = (average_ * window_ + compute.count()) / (window_ + total.count());
    return slowdown_ * average_ * compute;
  }

 private:
  double slowdown_, window_;
  double average_ = 0;  // [0, 1]
};

}  // namespace blis
