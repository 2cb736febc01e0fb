// Sums over time of a run whose length is not known yet.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/gap_histogram.h"
#include "tools/simulate/step_sums.h"

namespace blis {

struct TimeSlot {
  StepSums sums;
  GapHistogram gaps{6};  // between tokens that ended in it

  TimeSlot& operator+=(const TimeSlot& other);
};

// Equal slots from the start of the simulation on. When the last one is full, each takes in its neighbour.
class TimeSlots {
 public:
  static constexpr std::size_t kSlots =
      4096;  // at most; at least half as many in a run that filled them once

  Duration width() const { return width_; }
  std::span<const TimeSlot> all() const { return slots_; }
  TimeSlot& at(Time t);
  // What step `i` did, in the slots that it ran in.
  void add(const EngineResult& engine, std::size_t i);

 private:
  void widen();

  Duration width_ = std::chrono::milliseconds{1};
  std::vector<TimeSlot> slots_;
};

}  // namespace blis
