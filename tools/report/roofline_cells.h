// The steps of a run as points of a roofline plot, gathered in cells so that their number is bounded.
#pragma once

#include <cstdint>
#include <vector>

#include "roofline/step_work.h"
#include "sim/run_result.h"

namespace blis {

constexpr std::size_t kMostRooflineCells = 1500;

// Steps of like intensity, like rate and the same bound.
struct RooflineCell {
  double intensity = 0;  // FLOP/B, mean weighted by time
  double tflops = 0;     // TFLOP/s of one GPU, mean weighted by time
  std::int64_t steps = 0;
  double seconds = 0;
  Bound bound = Bound::host;
};

struct RooflineCells {
  std::vector<RooflineCell> cells;  // by time, most first
  double share_shown = 1;           // of the time of all steps, should there be more than the most
};

RooflineCells roofline_cells(const RunResult& run, const WorkModel& work);

}  // namespace blis
