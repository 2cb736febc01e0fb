// What layers with an attention window read of the sequences that cruise: the sum of their contexts, each cut
// at the window. A step costs the same for any number of sequences.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/request.h"

namespace blis {

class CutContexts {
 public:
  // `window` in tokens; 0: nobody asks.
  explicit CutContexts(int window)
      : window_(window), reaching_(window > 0 ? static_cast<std::size_t>(window) + 1 : 0) {}

  std::int64_t sum() const { return sum_; }  // before the next step

  // Of a sequence with a context of so many tokens before step `now`.
  void join(std::int32_t context, StepIndex now) { count(context, now, 1); }
  void leave(std::int32_t context, StepIndex now) { count(context, now, -1); }

  // All contexts grow by one token in step `now`.
  void step(StepIndex now) {
    if (window_ == 0) return;
    sum_ += growing_;
    std::int32_t& full = reaching_[(now + 1) % reaching_.size()];
    growing_ -= full;
    full = 0;
  }

  void clear() {
    sum_ = growing_ = 0;
    std::ranges::fill(reaching_, 0);
  }

 private:
  void count(std::int32_t context, StepIndex now, std::int32_t by) {
    if (window_ == 0) return;
    sum_ += std::int64_t{by} * std::min(context, window_);
    if (context >= window_) return;
    growing_ += by;
    reaching_[(now + static_cast<StepIndex>(window_ - context)) % reaching_.size()] += by;
  }

  std::int32_t window_;
  std::int64_t sum_ = 0;
  std::int32_t growing_ = 0;  // sequences whose context is still within the window
  std::vector<std::int32_t>
      reaching_;  // of them, those that fill it before a step, by step modulo window + 1
};

}  // namespace blis
