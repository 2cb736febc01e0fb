#include "tools/report/roofline_cells.h"

#include <algorithm>

namespace blis {

RooflineCells roofline_cells(const RunResult& run, const WorkModel& work, const FoldedSteps& folded) {
  RooflineGrid grid = folded.roofline();
  for_each_kept_step(run, folded, [&](EngineIndex, const EngineResult& engine, std::size_t i) {
    grid.add(engine.steps[i], work);
  });

  RooflineCells result{.cells = grid.cells()};
  double total_s = 0, shown_s = 0;
  for (const RooflineCell& cell : result.cells) total_s += cell.seconds;
  std::ranges::stable_sort(result.cells, std::ranges::greater{}, &RooflineCell::seconds);
  if (result.cells.size() > kMostRooflineCells) result.cells.resize(kMostRooflineCells);
  for (const RooflineCell& cell : result.cells) shown_s += cell.seconds;
  if (total_s > 0) result.share_shown = shown_s / total_s;
  return result;
}

}  // namespace blis
