// What steps did in a piece of time: the sums that a picture of a run over time is made of.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/run_result.h"

namespace blis {

// All replicas together.
struct StepSums {
  double prefill_tokens = 0, decode_tokens = 0;  // computed
  double busy = 0;                               // ns of steps
  double running = 0, waiting = 0;               // ns x sequences
  double kv_usage = 0;                           // ns x share of a replica's KV blocks
  std::int64_t preemptions = 0;                  // each at the start of its step

  StepSums& operator+=(const StepSums& other) {
    preemptions += other.preemptions;
    return add(other, 1);
  }
  // A share of what others did, but for their preemptions, which cannot be shared.
  StepSums& add(const StepSums& other, double share) {
    prefill_tokens += share * other.prefill_tokens;
    decode_tokens += share * other.decode_tokens;
    busy += share * other.busy;
    running += share * other.running;
    waiting += share * other.waiting;
    kv_usage += share * other.kv_usage;
    return *this;
  }
};

inline double blocks_of(const EngineResult& engine) {
  return engine.num_blocks > 0 ? static_cast<double>(engine.num_blocks) : 1;
}

// Shares step `i` out over the pieces of time that it ran in. Of the piece with an instant in it, `sums_at`
// gives the StepSums and `end_at` the end.
template <class SumsAt, class EndAt>
void share_out(const EngineResult& engine, std::size_t i, SumsAt sums_at, EndAt end_at) {
  const StepRecord& step = engine.steps[i];
  const Time from = begin_after_others(engine.steps, i);
  const auto took = static_cast<double>((step.end - from).count());
  const double kv_usage = step.used_blocks / blocks_of(engine);
  sums_at(step.start).preemptions += step.preemptions;
  for (Time t = from; t < step.end;) {
    const Time until = std::min<Time>(step.end, end_at(t));
    StepSums& sums = sums_at(t);
    const auto part = static_cast<double>((until - t).count());
    sums.prefill_tokens += part / took * step.prefill_tokens;
    sums.decode_tokens += part / took * step.decodes;
    sums.busy += part;
    sums.running += part * step.running;
    sums.waiting += part * step.waiting;
    sums.kv_usage += part * kv_usage;
    t = until;
  }
}

}  // namespace blis
