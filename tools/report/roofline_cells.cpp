#include "tools/report/roofline_cells.h"

#include <algorithm>
#include <cmath>

namespace blis {
namespace {

// Cells of equal ratio; what lies outside the range is in the outermost cell.
struct LogAxis {
  double lowest_decade;
  int decades;

  static constexpr int kCellsPerDecade = 16;
  std::size_t cells() const { return static_cast<std::size_t>(decades * kCellsPerDecade); }
  std::size_t cell(double value) const {
    const double at = (std::log10(value) - lowest_decade) * kCellsPerDecade;
    return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(cells() - 1)));
  }
};
constexpr LogAxis kIntensity{-1, 5};  // FLOP/B
constexpr LogAxis kTflops{-4, 8};

}  // namespace

RooflineCells roofline_cells(const RunResult& run, const WorkModel& work) {
  std::vector<RooflineCell> grid(kIntensity.cells() * kTflops.cells() * kBoundKinds);
  double total_s = 0;
  for (const EngineResult& engine : run.engines) {
    for (const StepRecord& step : engine.steps) {
      const StepWork w =
          step_work(work, {static_cast<double>(step.prefill_tokens), static_cast<double>(step.prefills),
                           static_cast<double>(step.decodes), static_cast<double>(step.decode_context)});
      const double seconds = Seconds(step.end - step.start).count();
      if (w.flops <= 0 || w.bytes <= 0 || seconds <= 0) continue;
      const double intensity = w.flops / w.bytes;
      const double tflops = w.flops / seconds / work.gpus * 1e-12;
      const std::size_t place = kIntensity.cell(intensity) * kTflops.cells() + kTflops.cell(tflops);
      RooflineCell& cell = grid[place * kBoundKinds + static_cast<std::size_t>(step.bound)];
      cell.bound = step.bound;
      cell.intensity += intensity * seconds;
      cell.tflops += tflops * seconds;
      cell.seconds += seconds;
      ++cell.steps;
      total_s += seconds;
    }
  }

  RooflineCells result;
  for (RooflineCell& cell : grid) {
    if (cell.steps == 0) continue;
    cell.intensity /= cell.seconds;
    cell.tflops /= cell.seconds;
    result.cells.push_back(cell);
  }
  std::ranges::stable_sort(result.cells, std::ranges::greater{}, &RooflineCell::seconds);
  if (result.cells.size() > kMostRooflineCells) result.cells.resize(kMostRooflineCells);
  double shown_s = 0;
  for (const RooflineCell& cell : result.cells) shown_s += cell.seconds;
  if (total_s > 0) result.share_shown = shown_s / total_s;
  return result;
}

}  // namespace blis
