#include "tools/simulate/roofline_grid.h"

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

void RooflineGrid::add(const StepRecord& step, const WorkModel& work) {
  const StepWork w =
      step_work(work, {static_cast<double>(step.prefill_tokens), static_cast<double>(step.prefills),
                       static_cast<double>(step.decodes), static_cast<double>(step.decode_context)});
  const double seconds = Seconds(step.end - step.start).count();
  if (w.flops <= 0 || w.bytes <= 0 || seconds <= 0) return;
  if (grid_.empty()) grid_.resize(kIntensity.cells() * kTflops.cells() * kCostPartCount);
  const double intensity = w.flops / w.bytes;
  const double tflops = w.flops / seconds / work.gpus * 1e-12;
  const std::size_t place = kIntensity.cell(intensity) * kTflops.cells() + kTflops.cell(tflops);
  RooflineCell& cell = grid_[place * kCostPartCount + static_cast<std::size_t>(step.bound)];
  cell.bound = step.bound;
  cell.intensity += intensity * seconds;
  cell.tflops += tflops * seconds;
  cell.seconds += seconds;
  ++cell.steps;
}

std::vector<RooflineCell> RooflineGrid::cells() const {
  std::vector<RooflineCell> cells;
  for (RooflineCell cell : grid_) {
    if (cell.steps == 0) continue;
    cell.intensity /= cell.seconds;
    cell.tflops /= cell.seconds;
    cells.push_back(cell);
  }
  return cells;
}

}  // namespace blis
