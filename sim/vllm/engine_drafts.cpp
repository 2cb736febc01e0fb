// Steps in which sequences only verify drafts, as run() would take them one by one.
#include <algorithm>

#include "sim/vllm/engine.h"

namespace blis {

// False if there is none to take.
bool Engine::run_draft_steps(Time horizon) {
  const bool in_turn = ranks_.size() == 1 && config_.pipeline_stages == 1 && flying_ + 1 == batches_.size();
  if (!in_turn || !found_.empty()) return false;
  constexpr int kMost = 256;  // that run() does not lose sight of its limits
  Scheduler& scheduler = ranks_.front();
  Batch* const flying = flying_ > 0 ? &batches_[oldest_] : nullptr;
  Decision* const flying_decision = flying == nullptr ? nullptr : &flying->decisions.front();
  if (!scheduler.begin_draft_run(flying_decision, short_of_blocks_)) return false;

  const DraftRun& run = scheduler.draft_run();
  const Time next_event = std::min(next_news(), next_reset());
  const std::int32_t sequences = run.size(), tokens = sequences * (1 + run.drafts());
  const bool cuts = config_.attention_window > 0;
  StepShape shape{.decodes = sequences,
                  .decode_tokens = tokens,
                  .sampled = tokens,
                  .graph_tokens = padded(tokens),
                  .drafts = run.drafts()};
  StepRecord record{.decodes = sequences,
                    .steady = sequences,
                    .running = scheduler.running(),
                    .waiting = static_cast<std::int32_t>(scheduler.waiting()),
                    .stretched = stretched_};
  if (flying != nullptr) flying->record.steady = sequences;
  int steps = 0;
  for (; steps < kMost && now_ < horizon && now_ < next_event && scheduler.draft_step_fits(); ++steps) {
    if (flying != nullptr && flying->record.end > horizon) break;
    shape.decode_context = record.decode_context = run.context();
    shape.window_context = cuts ? run.context_within(config_.attention_window) : run.context();
    const Timing timing = timing_;
    time(record, latency_.step(shape), now_);
    if (flying == nullptr && record.end > horizon) {
      timing_ = timing;
      break;
    }
    scheduler.draft_step([this] { return accepted_.reached(acceptance_()); });
    record.used_blocks = scheduler.kv().usable_blocks() - scheduler.kv().free_blocks();
    take_like_the_last(record, flying);
  }
  if (steps == 0) return false;
  result_.draft_run_steps += steps;
  scheduler.end_draft_run(flying_decision);
  guard_progress(false, sequences);
  next_ = now_;
  return true;
}

}  // namespace blis
