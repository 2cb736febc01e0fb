#include "tools/simulate/folded_steps.h"

namespace blis {

void FoldedSteps::take(const StepPiece& piece) {
  const StepLog& steps = piece.engine.steps;
  for (StepIndex i = piece.first; i < piece.end; ++i) {
    const StepRecord& step = steps[i];
    slots_.add(piece.engine, i);
    if (fleet_) replicas_.add(piece.number, piece.engine, i);
    if (step.steady > 0) {
      slots_.at(step.end).gaps.add((step.end - steps[i - step.distance].end).count(), step.steady);
    }
    histogram_.add(step);
    if (work_) roofline_.add(step, *work_);
  }
}

}  // namespace blis
