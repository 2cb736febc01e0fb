// Sums over time of a run whose length is not known yet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/gap_histogram.h"
#include "sim/step_log.h"

namespace blis {

// What happened in a piece of time, all replicas together.
struct TimeSlot {
  double prefill_tokens = 0, decode_tokens = 0;  // computed
  double busy = 0;                               // ns of steps
  double running = 0, waiting = 0;               // ns x sequences
  double kv_usage = 0;                           // ns x share of a replica's KV blocks
  std::int64_t preemptions = 0;
  GapHistogram gaps{6};  // between tokens that ended in it

  TimeSlot& operator+=(const TimeSlot& other);
};

// When a step is the only one that runs: batches of a pipeline overlap, and their time is not to be counted
// twice.
inline Time begin_after_others(const StepLog& steps, std::size_t i) {
  return i == 0 ? steps[i].start : std::clamp(steps[i - 1].end, steps[i].start, steps[i].end);
}

// Equal slots from the start of the simulation on. When the last one is full, each takes in its neighbour.
class TimeSlots {
 public:
  static constexpr std::size_t kSlots =
      4096;  // at most; at least half as many in a run that filled them once

  Duration width() const { return width_; }
  std::span<const TimeSlot> all() const { return slots_; }
  TimeSlot& at(Time t);
  // What the step did, in the slots that it ran in from `from` on; `blocks` is the number of its engine's KV
  // blocks.
  void add(const StepRecord& step, Time from, double blocks);

 private:
  void widen();

  Duration width_ = std::chrono::milliseconds{1};
  std::vector<TimeSlot> slots_;
};

}  // namespace blis
