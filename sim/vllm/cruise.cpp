#include "sim/vllm/cruise.h"

#include <algorithm>

namespace blis {

void Cruise::join(RequestSlot slot, CruiseState& state) {
  state.member = true;
  state.left = false;
  ++size_;
  context_ += state.computed;
  cut_.join(state.computed, state.since);
  ++need_block_[phase(state.computed, state.since)];
  RequestSlot& head = calendar_[state.due % kCalendarSteps];
  state.next_due = head;
  head = slot;
}

void Cruise::leave(const CruiseState& state, StepIndex now) {
  --size_;
  context_ -= computed(state, now);
  cut_.leave(computed(state, now), now);
  --need_block_[phase(state.computed, state.since)];
}

int Cruise::steps_without_due(StepIndex now) const {
  constexpr int kLook = 256;
  int steps = 0;
  while (steps < kLook && first_due(now + static_cast<StepIndex>(steps)) == kNoSlot) ++steps;
  return steps;
}

void Cruise::clear() {
  size_ = 0;
  context_ = 0;
  cut_.clear();
  std::ranges::fill(need_block_, 0);
  std::ranges::fill(calendar_, kNoSlot);
}

}  // namespace blis
