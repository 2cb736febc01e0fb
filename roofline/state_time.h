// Time of layers that keep a state of fixed size, beside what depends on the number of tokens alone: nothing
// here depends on how long a sequence is, so that a few numbers hold for all such layers of a stage.
#pragma once

#include "roofline/kernel_cost.h"
#include "roofline/layers.h"
#include "roofline/machine.h"
#include "sim/step_shape.h"

namespace blis {

// No state kernel was measured: memory and arithmetic units are used as attention's kernels use them, and
// every layer launches two kernels, the convolution's and the state's, for the decodes of a batch and as
// many for its prompts.
class StateTime {
 public:
  StateTime() = default;

  void add(const Machine& machine, const LayerState& state, int layers);
  int layers() const { return layers_; }
  friend bool operator==(const StateTime&, const StateTime&) = default;

  void add_to(KernelCost& cost, const StepShape& shape) const {
    if (layers_ == 0) return;
    if (shape.decodes > 0) {
      cost.add<CostPart::kv>(decode_us_ * static_cast<double>(shape.decode_tokens));
      cost.add<CostPart::launch>(launch_us_);
    }
    if (!shape.prefills.empty()) add_prefills(cost, shape);
  }

 private:
  void add_prefills(KernelCost& cost, const StepShape& shape) const;

  int layers_ = 0;
  double launch_us_ = 0;  // of one kind of sequences
  double decode_us_ = 0;  // a decoding position: states in and out, or their arithmetic
  // A prompt's token, by what binds; writing the states once a chunk, and reading them.
  double compute_us_ = 0, activations_us_ = 0, pass_us_ = 0;
};

}  // namespace blis
