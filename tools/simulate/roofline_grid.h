// Steps as points of a roofline plot, gathered in cells so that their number is bounded.
#pragma once

#include <cstdint>
#include <vector>

#include "roofline/step_work.h"
#include "sim/step_log.h"

namespace blis {

// Steps of like intensity, like rate and the same bound.
struct RooflineCell {
  double intensity = 0;  // FLOP/B, mean weighted by time
  double tflops = 0;     // TFLOP/s of one GPU, mean weighted by time
  std::int64_t steps = 0;
  double seconds = 0;
  CostPart bound = CostPart::host;
};

class RooflineGrid {
 public:
  void add(const StepRecord& step, const WorkModel& work);
  std::vector<RooflineCell> cells() const;  // those with steps

 private:
  std::vector<RooflineCell> grid_;  // means not yet divided by time; empty: no step
};

}  // namespace blis
