// What the drawings of a run need of the steps that it has forgotten.
#pragma once

#include <optional>

#include "roofline/step_work.h"
#include "sim/step_reader.h"
#include "tools/simulate/replica_loads.h"
#include "tools/simulate/roofline_grid.h"
#include "tools/simulate/step_histogram.h"
#include "tools/simulate/time_slots.h"

namespace blis {

// Reads the steps that a simulation folds; those that are kept are drawn from the log. Empty for most runs.
class FoldedSteps : public StepReader {
 public:
  // `fleet`: there are several replicas, whose loads are drawn one by one.
  explicit FoldedSteps(const std::optional<WorkModel>& work = {}, bool fleet = false)
      : work_(work), fleet_(fleet) {}

  const TimeSlots& slots() const { return slots_; }
  const ReplicaLoads& replicas() const { return replicas_; }
  const StepHistogram& histogram() const { return histogram_; }
  const RooflineGrid& roofline() const { return roofline_; }

 private:
  void take(const StepPiece& piece) override;

  std::optional<WorkModel> work_;
  bool fleet_;
  TimeSlots slots_;
  ReplicaLoads replicas_;
  StepHistogram histogram_;
  RooflineGrid roofline_;
};

// Calls f(number, engine, i) for each step i, of the engine of that number, that the run has kept and
// `folded` has not read: a picture is the folded steps' and theirs.
template <class F>
void for_each_kept_step(const RunResult& run, const FoldedSteps& folded, F f) {
  for (std::size_t e = 0; e < run.engines.size(); ++e) {
    const EngineResult& engine = run.engines[e];
    const auto number = static_cast<EngineIndex>(e);
    for (std::size_t i = folded.read_until(number); i < engine.steps.size(); ++i) f(number, engine, i);
  }
}

}  // namespace blis
