// What a schedule() call may still hand out.
#pragma once

#include <algorithm>

#include "sim/vllm/scheduler_config.h"

namespace blis {

// Two budgets: tokens that the step computes, and rows of the model's input, of which a draft model takes
// some beside the tokens of each request.
class StepBudget {
 public:
  explicit StepBudget(const SchedulerConfig& config)
      : tokens_(config.token_budget()),
        rows_(config.max_num_batched_tokens),
        rows_beside_(config.max_num_new_slots_for_drafting) {}

  // The most that one more request can get; none if not positive.
  int left() const { return std::min(tokens_, rows_ - rows_beside_); }

  void take(int tokens) {
    tokens_ -= tokens;
    rows_ -= tokens + rows_beside_;
  }
  // One token for each of so many requests.
  void take_one_each(int requests) {
    tokens_ -= requests;
    rows_ -= requests * (1 + rows_beside_);
  }
  void give_back(int tokens) {
    tokens_ += tokens;
    rows_ += tokens + rows_beside_;
  }

 private:
  int tokens_, rows_, rows_beside_;
};

}  // namespace blis
