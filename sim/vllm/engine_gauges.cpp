// What a scraper of the engine's metrics reads. It follows from the log, so that a scrape costs no event.
#include <algorithm>
#include <cassert>

#include "sim/vllm/engine.h"

namespace blis {

// vLLM sets its gauges when a step's output has been applied. A record holds the state after its step was
// scheduled, so what stands from the end of one step on is in the record of the next; if that began later,
// there was nothing to do in between.
Gauges Engine::published(Time at, EndpointIndex endpoint) const {
  const StepLog& steps = result_.steps;
  const std::size_t ended = ended_by(at);
  if (ended == 0) return {};
  const StepRecord* next = ended < steps.size() ? &steps[ended] : nullptr;
  if (next == nullptr && computing_ > 0) next = &batches_[oldest_].record;
  // A server shows a series for each of its ranks, and llm-d's picker, as others, takes the first.
  const std::size_t rank = endpoint * ranks_per_endpoint();
  if (next == nullptr) return has_endpoints() ? present_gauges(rank) : present_gauges();
  if (next->start > steps[ended - 1].end) return {};
  if (has_endpoints()) {
    // A rank without requests computes a dummy batch, and has nothing to say at its end.
    const auto rows = [&](std::size_t step) {
      return rank_gauges_.of(static_cast<StepIndex>(step), rank, ranks_.size());
    };
    const Gauges before = rows(ended - 1);
    return before.running + before.waiting == 0 ? Gauges{} : rows(ended);
  }
  return gauges(next->running, next->waiting, next->used_blocks);
}

// Steps, of those that the log still has and all before.
std::size_t Engine::ended_by(Time at) const {
  const StepLog& steps = result_.steps;
  std::size_t ended = steps.size();
  while (ended > steps.first_kept() && steps[ended - 1].end > at) --ended;
  assert((ended > steps.first_kept() || ended == 0) && "a second of steps is kept");
  return ended;
}

// The queue is that of now: it is told as it stands when a step's output has been applied, before the next is
// planned.
std::optional<PassMetrics> Engine::last_pass(Time at) const {
  const std::size_t ended = ended_by(at);
  if (ended <= before_restart_) return std::nullopt;
  if (std::ranges::all_of(ranks_, &Scheduler::idle)) return PassMetrics{};
  PassMetrics pass{.decode_kv_tokens = result_.steps[ended - 1].decode_context};
  for (const Scheduler& rank : ranks_) {
    for (const RequestSlot slot : rank.waiting_list()) {
      const Request& request = rank[slot];
      pass.queued_tokens +=
          request.status == RequestStatus::preempted ? request.computed : request.num_tokens;
    }
  }
  return pass;
}

std::int32_t Engine::cached_tokens(const RequestSpec& request, EndpointIndex endpoint) const {
  int most = 0;
  const std::size_t first = endpoint * ranks_per_endpoint();
  for (std::size_t rank = first; rank < first + ranks_per_endpoint(); ++rank) {
    most = std::max(most, ranks_[rank].kv().cached_tokens(request.prompt, content_salt(request)));
  }
  return most;
}

Gauges Engine::present_gauges() const {
  std::size_t waiting = 0;
  std::int32_t running = 0;
  std::int64_t used_blocks = 0;
  for (const Scheduler& rank : ranks_) {
    running += rank.running();
    waiting += rank.waiting();
    used_blocks += rank.kv().usable_blocks() - rank.kv().free_blocks();
  }
  return gauges(running, static_cast<std::int32_t>(waiting), used_blocks);
}

Gauges Engine::present_gauges(std::size_t rank) const {
  const Scheduler& s = ranks_[rank];
  const auto blocks = static_cast<double>(s.kv().usable_blocks());
  const double used = blocks - static_cast<double>(s.kv().free_blocks());
  return {s.running(), static_cast<std::int32_t>(s.waiting()), used / blocks};
}

// Of the step just scheduled. Those that no scraper can ask about any more are forgotten.
void Engine::note_gauges() {
  for (std::size_t rank = 0; rank < ranks_.size(); ++rank) rank_gauges_.add(present_gauges(rank));
  const StepLog& steps = result_.steps;
  std::size_t first = std::max<std::size_t>(rank_gauges_.first(), steps.first_kept());
  while (first + 1 < steps.size() && steps[first + 1].end + kScraped <= now_) ++first;
  rank_gauges_.forget_before(static_cast<StepIndex>(first), ranks_.size());
}

void Engine::report_ranks(Time at) {
  for (std::size_t rank = 0; rank < ranks_.size(); ++rank) reports_[rank] = {present_gauges(rank), at};
}

Gauges Engine::gauges(std::int32_t running, std::int32_t waiting, std::int64_t used_blocks) const {
  return {running, waiting, static_cast<double>(used_blocks) / static_cast<double>(result_.num_blocks)};
}

}  // namespace blis
