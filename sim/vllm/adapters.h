// The LoRA adapters of one step: there are no more than max_loras.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/request.h"

namespace blis {

class Adapters {
 public:
  explicit Adapters(int max_loras) : max_loras_(max_loras) {}

  bool limited() const { return max_loras_ > 0; }

  // --- Those of sequences that are in every step, by number of sequences.
  void join_all_steps(AdapterIndex adapter) {
    if (adapter >= in_all_steps_.size()) in_all_steps_.resize(std::size_t{adapter} + 1);
    ++in_all_steps_[adapter];
  }
  void leave_all_steps(AdapterIndex adapter) { --in_all_steps_[adapter]; }
  void nobody_in_all_steps() { std::ranges::fill(in_all_steps_, 0); }
  bool any_in_all_steps() const {
    return std::ranges::any_of(in_all_steps_.begin() + !in_all_steps_.empty(), in_all_steps_.end(),
                               [](int sequences) { return sequences > 0; });
  }

  void list_in_all_steps(std::vector<AdapterIndex>& adapters) const {
    adapters.clear();
    for (std::size_t adapter = 1; adapter < in_all_steps_.size(); ++adapter) {
      if (in_all_steps_[adapter] > 0) adapters.push_back(static_cast<AdapterIndex>(adapter));
    }
  }

  // --- Those of the step at hand.
  void start_step() { list_in_all_steps(in_step_); }
  void add(AdapterIndex adapter) {
    if (adapter != 0 && !has(adapter)) in_step_.push_back(adapter);
  }
  // Whether the step can run it, too.
  bool admits(AdapterIndex adapter) const {
    return adapter == 0 || static_cast<int>(in_step_.size()) < max_loras_ || has(adapter);
  }

 private:
  bool has(AdapterIndex adapter) const { return std::ranges::find(in_step_, adapter) != in_step_.end(); }

  int max_loras_;
  std::vector<int> in_all_steps_;
  std::vector<AdapterIndex> in_step_;
};

}  // namespace blis
