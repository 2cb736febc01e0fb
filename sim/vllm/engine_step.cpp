// One step of an engine: planned, priced, and its output applied.
#include <algorithm>
#include <cassert>
#include <limits>
#include <string>
#include <utility>

#include "blis/error.hpp"
#include "sim/vllm/engine.h"

namespace blis {

bool Engine::plan() {
  Batch& batch = batches_[(oldest_ + flying_) % batches_.size()];
  bool anything = false, short_of_blocks = false;
  const bool throttled = ranks_.size() > 1 && lockstep_steps_ % config_.prefill_schedule_interval != 0;
  for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
    Decision& decision = batch.decisions[rank];
    ranks_[rank].schedule(decision, throttled);
    anything = anything || !decision.empty();
    short_of_blocks = short_of_blocks || decision.short_of_blocks;
    result_.preemptions += std::ssize(decision.preempted);
    for (RequestSlot slot : decision.admitted) {
      RequestRecord& record = records_[ranks_[rank][slot].index];
      if (record.scheduled == kUnset) record.scheduled = now_;
    }
    note_restarts(decision.preempted, rank);
  }
  note_shortage(short_of_blocks);
  if (!anything) return false;
  for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
    if (batch.decisions[rank].empty()) ranks_[rank].sit_out(batch.decisions[rank]);
  }
  price(batch);
  if (has_endpoints()) note_gauges();
  note_prefills(batch);
  batch.computes = true;
  batch.planned = now_;
  idle_ = false;
  ++lockstep_steps_;
  ++flying_;
  ++computing_;
  return true;
}

// A step takes as long as its slowest rank; everything else about it adds up.
void Engine::price(Batch& batch) {
  StepRecord record;
  const std::int64_t reset = std::exchange(preempted_by_reset_, 0);
  result_.preemptions += reset;
  record.preemptions = static_cast<std::uint16_t>(std::min<std::int64_t>(reset, 0xffff));
  StepCost slowest;
  Seconds without_prefills{};  // of the slowest rank if no rank had any
  for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
    Decision& decision = batch.decisions[rank];
    const Scheduler& scheduler = ranks_[rank];
    record.preemptions = static_cast<std::uint16_t>(
        std::min<std::size_t>(record.preemptions + decision.preempted.size(), 0xffff));
    record.used_blocks += scheduler.kv().usable_blocks() - scheduler.kv().free_blocks();
    record.running += scheduler.running();
    record.waiting += static_cast<std::int32_t>(scheduler.waiting());
    if (decision.empty()) continue;

    StepShape shape = shape_of(decision);
    Duration brought = slots_.empty() ? Duration{0} : bring_adapters(decision, rank);
    if (store_) brought += store_->wait();
    const bool adapters = !slots_.empty() && !step_adapters_.empty();
    StepCost cost = cost_of(shape, adapters);
    if (brought > Duration{0}) {  // before the step's kernels are launched
      cost.total += brought;
      cost[CostPart::host] += brought;
    }
    if (cost.total > slowest.total) slowest = cost;
    record.decode_context += shape.decode_context;
    record.decodes += static_cast<std::int32_t>(shape.decodes);
    record.prefill_tokens += static_cast<std::int32_t>(shape.prefill_tokens);
    record.prefills =
        static_cast<std::uint16_t>(std::min<std::size_t>(record.prefills + chunks_.size(), 0xffff));
    if (shape.decodes == 0) continue;
    Seconds decodes_alone = cost.total;
    if (!chunks_.empty()) {
      shape.prefills = {};
      shape.sampled = shape.decode_tokens;
      shape.prefill_tokens = 0;
      shape.graph_tokens = padded(shape.tokens());
      shape.encoded = 0;
      decodes_alone = cost_of(shape, adapters).total;
    }
    without_prefills = std::max(without_prefills, decodes_alone);
  }
  time(record, slowest, config_.pipeline_stages > 1 ? inputs_of(batch) : now_);
  if (record.decodes > 0 && record.prefills > 0) {
    const Duration stretch = to_duration(slowest.total - without_prefills);
    stretched_ += std::clamp(stretch, Duration{0}, record.end - record.start);
  }
  record.stretched = stretched_;
  batch.record = record;
}

StepCost Engine::cost_of(const StepShape& shape, bool adapters) const {
  StepCost cost = latency_.step(shape);
  if (!adapters) return cost;
  const double factor = 1 + config_.adapters.slowdown;
  cost.total *= factor;
  cost.once *= factor;
  for_each_cost_part([&]<CostPart kPart>() { cost[kPart] *= factor; });
  return cost;
}

Duration Engine::bring_adapters(const Decision& decision, std::size_t rank) {
  ranks_[rank].adapters_of(decision, step_adapters_);
  if (std::ssize(step_adapters_) > config_.adapters.slots) {
    throw InputError(
        ErrorKind::infeasible,
        Problem{.message =
                    "a step has more LoRA adapters than max_loras: requests that had to sit steps out are "
                    "back, and vLLM stops with an assertion here",
                .expected = "at most " + std::to_string(config_.adapters.slots),
                .got = std::to_string(step_adapters_.size()),
                .hint = "raise max_loras, or give the engine more KV blocks or a larger token budget"});
  }
  return slots_[rank].take(step_adapters_);
}

// When the tokens are there that the batch goes on from: the last stage hands them to the first one.
Time Engine::inputs_of(const Batch& batch) const {
  Time known = now_;
  for (std::size_t i = 0; i < flying_; ++i) {
    const Batch& before = batches_[(oldest_ + i) % batches_.size()];
    if (!before.computes) continue;
    for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
      const StepIndex after = batch.decisions[rank].after;
      if (before.decisions[rank].step < after) known = std::max(known, before.record.end);
    }
  }
  return known;
}

void Engine::refuse_step(Duration latency) {
  throw InputError(ErrorKind::infeasible,
                   Problem{.message = "the latency model prices a step at " +
                                      std::to_string(Seconds(latency).count()) + " s",
                           .expected = "less than 13 days",
                           .hint = "check its coefficients, and the figures of the GPU"});
}

// Draws how many drafts each grant will have accepted, and how many are found for its next step, too.
StepShape Engine::shape_of(Decision& decision) {
  StepShape shape{.decodes = decision.cruising,
                  .decode_tokens = decision.cruising,
                  .decode_context = decision.cruise_context,
                  .window_context = decision.cruise_cut_context,
                  .sampled = decision.cruising,
                  .drafts = decision.next_drafts};
  const std::int32_t window =
      config_.attention_window > 0 ? config_.attention_window : std::numeric_limits<std::int32_t>::max();
  chunks_.clear();
  for (Grant& grant : decision.grants) {
    if (grant.prefill) {
      chunks_.push_back({grant.tokens, grant.context, grant.samples});
      shape.prefill_tokens += grant.tokens;
    } else {
      ++shape.decodes;
      shape.decode_tokens += grant.tokens;
      shape.decode_context += grant.context;
      shape.window_context += std::min(grant.context, window);
    }
    shape.encoded += grant.embeds;
    shape.encoded_pairs += grant.embed_pairs;
    if (grant.samples) shape.sampled += 1 + grant.drafts;
    if (grant.drafts > 0) grant.accepted = std::min(accepted_.reached(acceptance_()), grant.drafts);
    if (!found_.empty()) grant.next_drafts = found_.reached(acceptance_());
  }
  shape.prefills = chunks_;
  shape.graph_tokens = padded(shape.tokens());
  return shape;
}

std::int32_t Engine::padded(std::int64_t tokens) const {
  return tokens < std::ssize(graph_tokens_) ? graph_tokens_[static_cast<std::size_t>(tokens)] : 0;
}

// What a step that is done has computed goes to the store.
void Engine::write_computed(const Decision& decision) {
  store_->at(now_, heard_, timing_.gpu_free);
  for (const Grant& grant : decision.grants) {
    if (config_.store.prompts_only && !grant.prefill) continue;
    const Request& request = ranks_.front()[grant.slot];
    if (request.index != grant.request || request.status != RequestStatus::running) continue;
    store_->computed(request, grant.context + grant.tokens - grant.drafts);
  }
}

// The oldest batch in flight is done: its output is applied.
void Engine::complete(std::vector<RequestIndex>& ended) {
  Batch& batch = batches_[oldest_];
  oldest_ = (oldest_ + 1) % batches_.size();
  --flying_;
  --computing_;
  if (!aborts_.empty()) apply_aborts(ended);
  heard_ = batch.planned;
  const Time end = batch.record.end;
  const std::size_t number = result_.steps.size();
  result_.steps.push_back(batch.record);
  std::int32_t steady = 0;
  StepIndex distance = 0;
  std::int64_t tokens = 0;
  for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
    assert(batch.decisions[rank].step == number && "steps complete in the order they were planned");
    const Scheduler& scheduler = ranks_[rank];
    if (store_) write_computed(batch.decisions[rank]);
    ranks_[rank].update(batch.decisions[rank], output_, distance);
    steady += output_.steady;
    distance = output_.distance;
    tokens += output_.tokens;
    for (RequestSlot slot : output_.first_tokens) {
      RequestRecord& record = records_[scheduler[slot].index];
      record.first_token = end;
      record.lost = std::max(record.lost, Duration{0});  // preempted as the token was on its way
    }
    for (const BrokenRun& broken : output_.broken) {
      RequestRecord& record = records_[broken.request];
      const Duration gap = end - result_.steps[broken.run.last].end;
      keep_interval(record, broken.run);
      if (broken.next - broken.run.last > static_cast<StepIndex>(result_.regular_distance)) {
        record.passed_over += gap;
      }
      result_.odd_gaps.push_back({gap, broken.request});
    }
    for (RequestSlot slot : output_.finished) close(scheduler[slot], ended);
  }
  result_.steps[number].steady = steady;
  if (steady > 0) result_.steps[number].distance = static_cast<std::uint16_t>(distance);
  guard_progress(batch.record.preemptions > 0, tokens);
}

}  // namespace blis
