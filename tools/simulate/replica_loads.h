// What each replica did over time, of a run whose length is not known yet.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tools/simulate/step_sums.h"

namespace blis {

// Equal slots from the start of the simulation on, the same for all replicas. When the last one is full, each
// takes in its neighbour.
class ReplicaLoads {
 public:
  static constexpr std::size_t kSlots = 240;  // at most; at least half as many in a run that filled them once

  Duration width() const { return width_; }
  // Until the replica's last step; nothing for one that never ran.
  std::span<const StepSums> of(EngineIndex replica) const;
  // What step `i` of the replica did, in the slots that it ran in.
  void add(EngineIndex replica, const EngineResult& engine, std::size_t i);

 private:
  void widen();

  Duration width_ = std::chrono::milliseconds{1};
  std::vector<std::vector<StepSums>> replicas_;
};

}  // namespace blis
