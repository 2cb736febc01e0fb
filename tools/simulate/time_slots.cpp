#include "tools/simulate/time_slots.h"

#include <utility>

namespace blis {

TimeSlot& TimeSlot::operator+=(const TimeSlot& other) {
  sums += other.sums;
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

void TimeSlots::add(const EngineResult& engine, std::size_t i) {
  at(engine.steps[i].end);  // as wide as they are going to be
  share_out(
      engine, i, [&](Time t) -> StepSums& { return at(t).sums; },
      [&](Time t) { return Time{(since_start(t) / width_ + 1) * width_}; });
}

}  // namespace blis
