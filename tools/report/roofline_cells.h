// The steps of a run as points of a roofline plot.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/run_result.h"
#include "tools/simulate/folded_steps.h"

namespace blis {

constexpr std::size_t kMostRooflineCells = 1500;

struct RooflineCells {
  std::vector<RooflineCell> cells;  // by time, most first
  double share_shown = 1;           // of the time of all steps, should there be more than the most
};

RooflineCells roofline_cells(const RunResult& run, const WorkModel& work,
                             const FoldedSteps& folded = FoldedSteps{});

}  // namespace blis
