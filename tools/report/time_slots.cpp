#include "tools/report/time_slots.h"

#include <algorithm>
#include <utility>

namespace blis {

TimeSlot& TimeSlot::operator+=(const TimeSlot& other) {
  prefill_tokens += other.prefill_tokens;
  decode_tokens += other.decode_tokens;
  busy += other.busy;
  running += other.running;
  waiting += other.waiting;
  kv_usage += other.kv_usage;
  preemptions += other.preemptions;
  gaps.merge(other.gaps);
  return *this;
}

TimeSlot& TimeSlots::at(Time t) {
  while (since_start(t) / width_ >= static_cast<std::int64_t>(kSlots)) widen();
  const auto slot = static_cast<std::size_t>(since_start(t) / width_);
  if (slot >= slots_.size()) slots_.resize(slot + 1);
  return slots_[slot];
}

void TimeSlots::widen() {
  width_ *= 2;
  for (std::size_t i = 0; 2 * i < slots_.size(); ++i) {
    if (i > 0) slots_[i] = std::exchange(slots_[2 * i], {});
    if (2 * i + 1 < slots_.size()) slots_[i] += std::exchange(slots_[2 * i + 1], {});
  }
  slots_.resize((slots_.size() + 1) / 2);
}

void TimeSlots::add(const StepRecord& step, Time from, double blocks) {
  at(step.end);  // as wide as they are going to be
  at(step.start).preemptions += step.preemptions;
  const auto took = static_cast<double>((step.end - from).count());
  for (Time t = from; t < step.end;) {
    const Time until = std::min(step.end, Time{(since_start(t) / width_ + 1) * width_});
    TimeSlot& slot = at(t);
    const auto part = static_cast<double>((until - t).count());
    slot.prefill_tokens += part / took * step.prefill_tokens;
    slot.decode_tokens += part / took * step.decodes;
    slot.busy += part;
    slot.running += part * step.running;
    slot.waiting += part * step.waiting;
    slot.kv_usage += part * step.used_blocks / blocks;
    t = until;
  }
}

}  // namespace blis
