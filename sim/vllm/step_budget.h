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
  // So many tokens for each of so many requests; and whether there were enough.
  void take_of_each(int requests, int tokens) {
    tokens_ -= requests * tokens;
    rows_ -= requests * (tokens + rows_beside_);
  }
  bool holds() const { return tokens_ >= 0 && rows_ >= 0; }
  void give_back(int tokens) {
    tokens_ += tokens;
    rows_ += tokens + rows_beside_;
  }

 private:
  int tokens_, rows_, rows_beside_;
};

}  // namespace blis
