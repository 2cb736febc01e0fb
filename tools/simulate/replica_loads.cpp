#include "tools/simulate/replica_loads.h"

namespace blis {

std::span<const StepSums> ReplicaLoads::of(EngineIndex replica) const {
  if (replica >= replicas_.size()) return {};
  return replicas_[replica];
}

void ReplicaLoads::add(EngineIndex replica, const EngineResult& engine, std::size_t i) {
  const Time end = engine.steps[i].end;
  while (since_start(end) / width_ >= static_cast<std::int64_t>(kSlots)) widen();
  if (replica >= replicas_.size()) replicas_.resize(replica + 1);
  std::vector<StepSums>& slots = replicas_[replica];
  const auto last = static_cast<std::size_t>(since_start(end) / width_);
  if (last >= slots.size()) slots.resize(last + 1);
  share_out(
      engine, i,
      [&](Time t) -> StepSums& { return slots[static_cast<std::size_t>(since_start(t) / width_)]; },
      [&](Time t) { return Time{(since_start(t) / width_ + 1) * width_}; });
}

void ReplicaLoads::widen() {
  width_ *= 2;
  for (std::vector<StepSums>& slots : replicas_) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const StepSums sums = slots[i];
      if (i % 2 == 0) {
        slots[i / 2] = sums;
      } else {
        slots[i / 2] += sums;
      }
    }
    slots.resize((slots.size() + 1) / 2);
  }
}

}  // namespace blis
