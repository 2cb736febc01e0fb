#include "sim/engine.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <optional>

#include "sim/input_error.h"

namespace blis {
namespace {

// Steps in a row that preempt and bring no token forward, after which requests are taken to
// preempt each other for ever. The longest honest run is a few steps a request.
constexpr std::int64_t kFruitlessSteps = 20'000;

// vLLM's core loop sleeps for so long when it has work and could not execute any.
constexpr Duration kIdlePause = std::chrono::milliseconds{1};

// Steps after which run() returns to let others look, however far the horizon is.
constexpr int kStepsPerRun = 1 << 14;

std::vector<std::int32_t> tabulate_padding(const std::vector<int>& graph_sizes) {
  std::vector<std::int32_t> padded;
  for (int size : graph_sizes) {
    padded.resize(static_cast<std::size_t>(std::max<std::int64_t>(size + 1, std::ssize(padded))), size);
  }
  if (!padded.empty()) padded[0] = 0;
  return padded;
}

}  // namespace

Engine::Engine(const SimulationConfig& config, const LatencyModel& latency, EngineIndex index,
               std::vector<RequestRecord>& records)
    : config_(config),
      latency_(latency),
      index_(index),
      records_(records),
      scheduler_(config.scheduler, {.run_ahead = config.run_ahead && config.attention_window == 0}),
      batches_(static_cast<std::size_t>(config.scheduler.batch_queue_size)),
      graph_tokens_(tabulate_padding(config.cuda_graph_sizes)),
      acceptance_(config.seed * 0x9e3779b97f4a7c15ull + index) {
  result_.num_blocks = scheduler_.kv().usable_blocks();
  result_.regular_distance = config.scheduler.async_scheduling ? 1 : config.scheduler.batch_queue_size;
}

void Engine::send(RequestIndex index, const RequestSpec& spec, Time visible) {
  inbox_.push_back({scheduler_.create(index, spec, index), visible});
}

void Engine::run(Time horizon, std::vector<RequestIndex>& ended, bool pause_when_ended) {
  for (int steps = 0; steps < kStepsPerRun; ++steps) {
    if (completing_) {
      if (next_ > horizon) return;
      now_ = next_;
      completing_ = false;
      complete(ended);
      if (pause_when_ended && !ended.empty()) return;
    }
    if (next_ >= horizon) return;
    now_ = next_;
    if (!aborts_.empty()) apply_aborts(ended);
    drain_inbox();
    if (run_quiet_steps(horizon)) continue;
    if (plan() && flying_ < batches_.size()) continue;  // room for another batch at once
    wait_or_sleep(ended);
  }
}

// Steps in which sequences only decode, as run() would take them one by one: they differ in
// nothing but their contexts. False if there is none to take.
bool Engine::run_quiet_steps(Time horizon) {
  if (flying_ + 1 != batches_.size()) return false;
  const int steps = scheduler_.quiet_steps();
  if (steps <= 0) return false;
  const Time before = now_;
  Batch* const flying = flying_ > 0 ? &batches_[oldest_] : nullptr;
  if (flying != nullptr) flying->record.steady = flying->decision.steady;
  const Time next_arrival = inbox_.empty() ? kNever : inbox_.front().visible;
  StepShape shape{.decodes = scheduler_.cruising(),
                  .decode_tokens = scheduler_.cruising(),
                  .sampled = scheduler_.cruising(),
                  .graph_tokens = padded(scheduler_.cruising())};
  StepRecord record{.decodes = scheduler_.cruising(),
                    .steady = scheduler_.cruising(),
                    .running = scheduler_.running(),
                    .waiting = static_cast<std::int32_t>(scheduler_.waiting())};
  for (int i = 0; i < steps && now_ < horizon && now_ < next_arrival; ++i) {
    if (flying != nullptr && flying->record.end > horizon) break;
    shape.decode_context = shape.window_context = record.decode_context = scheduler_.cruise_context();
    const Time gpu_free = gpu_free_, last_end = last_end_;
    time(record, latency_.step(shape));
    if ((flying == nullptr && record.end > horizon) ||
        !scheduler_.quiet_step(flying == nullptr ? nullptr : &flying->decision)) {
      gpu_free_ = gpu_free;
      last_end_ = last_end;
      break;
    }
    record.used_blocks = scheduler_.kv().usable_blocks() - scheduler_.kv().free_blocks();
    if (flying != nullptr) {
      result_.steps.push_back(flying->record);
      now_ = flying->record.end;
      flying->record = record;
    } else {
      result_.steps.push_back(record);
      now_ = record.end;
    }
    next_ = now_;
  }
  return now_ > before;
}

// Nothing can be planned now: until the oldest batch is done, or something arrives.
void Engine::wait_or_sleep(std::vector<RequestIndex>& ended) {
  if (flying_ > 0) {
    completing_ = true;
    next_ = std::max(now_, batches_[oldest_].record.end);
  } else if (scheduler_.idle()) {
    wake();
  } else if (!batches_[oldest_].decision.preempted.empty()) {
    guard_progress(true, 0);
    next_ = now_ + kIdlePause;
  } else {
    give_up_on_head(ended);
  }
}

void Engine::drain_inbox() {
  while (!inbox_.empty() && inbox_.front().visible <= now_) {
    const RequestSlot slot = inbox_.front().slot;
    inbox_.pop_front();
    records_[scheduler_[slot].index].queued = now_;
    scheduler_.enqueue(slot);
  }
}

bool Engine::plan() {
  Batch& batch = batches_[(oldest_ + flying_) % batches_.size()];
  scheduler_.schedule(batch.decision);
  const Decision& decision = batch.decision;
  result_.preemptions += std::ssize(decision.preempted);
  for (RequestSlot slot : decision.admitted) {
    RequestRecord& record = records_[scheduler_[slot].index];
    if (record.scheduled == kUnset) record.scheduled = now_;
  }
  if (decision.empty()) return false;
  price(batch);
  ++flying_;
  return true;
}

void Engine::price(Batch& batch) {
  Decision& decision = batch.decision;
  StepShape shape{.decodes = decision.cruising,
                  .decode_tokens = decision.cruising,
                  .decode_context = decision.cruise_context,
                  .window_context = decision.cruise_context,
                  .sampled = decision.cruising};
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
    if (grant.samples) shape.sampled += 1 + grant.drafts;
    if (grant.drafts > 0) grant.accepted = draw_accepted(grant.drafts);
  }
  shape.prefills = chunks_;
  shape.graph_tokens = padded(shape.tokens());
  const StepCost cost = latency_.step(shape);

  StepRecord& record = batch.record;
  time(record, cost);
  record.decode_context = shape.decode_context;
  record.decodes = static_cast<std::int32_t>(shape.decodes);
  record.prefill_tokens = static_cast<std::int32_t>(shape.prefill_tokens);
  record.prefills = static_cast<std::uint16_t>(std::min<std::size_t>(chunks_.size(), 0xffff));
  record.preemptions = static_cast<std::uint16_t>(std::min<std::size_t>(decision.preempted.size(), 0xffff));
  record.used_blocks = scheduler_.kv().usable_blocks() - scheduler_.kv().free_blocks();
  record.running = scheduler_.running();
  record.waiting = static_cast<std::int32_t>(scheduler_.waiting());
  if (!chunks_.empty() && shape.decodes > 0) {
    shape.prefills = {};
    shape.sampled = shape.decode_tokens;
    shape.prefill_tokens = 0;
    shape.graph_tokens = padded(shape.tokens());
    record.without_prefill_us = static_cast<float>(latency_.step(shape).total.count() * 1e6);
  }
}

// When a step that is planned now begins and ends.
void Engine::time(StepRecord& record, const StepCost& cost) {
  const Duration latency = std::max(to_duration(cost.total), Duration{1});
  record.start = std::max(now_, gpu_free_);
  // Batches pass the stages of a pipeline one behind the other, and never overtake.
  record.end = std::max(record.start + latency * config_.pipeline_stages, last_end_);
  gpu_free_ = record.start + latency;
  last_end_ = record.end;
  record.bound = cost.bound();
  record.without_prefill_us = static_cast<float>(cost.total.count() * 1e6);
}

std::int32_t Engine::padded(std::int64_t tokens) const {
  return tokens < std::ssize(graph_tokens_) ? graph_tokens_[static_cast<std::size_t>(tokens)] : 0;
}

// The oldest batch in flight is done: its output is applied.
void Engine::complete(std::vector<RequestIndex>& ended) {
  Batch& batch = batches_[oldest_];
  oldest_ = (oldest_ + 1) % batches_.size();
  --flying_;
  if (!aborts_.empty()) apply_aborts(ended);
  scheduler_.update(batch.decision, output_);
  batch.record.steady = output_.steady;
  assert(result_.steps.size() == batch.decision.step && "steps complete in the order they were planned");
  result_.steps.push_back(batch.record);

  const Time end = batch.record.end;
  for (RequestSlot slot : output_.first_tokens) records_[scheduler_[slot].index].first_token = end;
  for (const BrokenRun& broken : output_.broken) {
    RequestRecord& record = records_[broken.request];
    keep_interval(record, broken.run);
    result_.odd_gaps.push_back({end - result_.steps[broken.run.last].end, broken.request});
  }
  for (RequestSlot slot : output_.finished) close(slot, ended);
  guard_progress(batch.record.preemptions > 0, output_.tokens);
}

void Engine::apply_aborts(std::vector<RequestIndex>& ended) {
  for (RequestIndex index : aborts_) {
    if (records_[index].outcome != Outcome::unfinished) continue;
    const std::optional<RequestSlot> slot = scheduler_.find(index);
    assert(slot && "what was sent and has not ended is known");
    std::erase_if(inbox_, [slot](const Arrival& a) { return a.slot == *slot; });
    scheduler_.finish(*slot, Status::finished_aborted);
    close(*slot, ended);
  }
  aborts_.clear();
}

void Engine::fill_record(RequestSlot slot) {
  const Request& r = scheduler_[slot];
  RequestRecord& record = records_[r.index];
  record.output_tokens = r.outputs();
  record.hit_tokens = std::max(r.hit_tokens, 0);
  record.preemptions = static_cast<std::uint16_t>(std::min(r.preemptions, 0xffffu));
  if (r.tokens.first != kNoStep) {
    keep_interval(record, r.tokens);
    record.last_token = result_.steps[r.tokens.last].end;
  }
}

void Engine::close(RequestSlot slot, std::vector<RequestIndex>& ended) {
  fill_record(slot);
  const Request& r = scheduler_[slot];
  RequestRecord& record = records_[r.index];
  switch (r.status) {
    case Status::finished_length:
    case Status::finished_stopped:
      record.outcome = r.outputs() < r.output_tokens ? Outcome::length_capped : Outcome::completed;
      break;
    default:
      record.outcome = Outcome::aborted;
  }
  ended.push_back(r.index);
}

void Engine::keep_interval(RequestRecord& record, const TokenInterval& run) {
  if (record.tokens.first == kNoStep) {
    record.tokens = run;
    return;
  }
  std::uint32_t* link = &record.tokens.next;
  while (*link != ~0u) link = &result_.intervals[*link].next;
  *link = static_cast<std::uint32_t>(result_.intervals.size());
  result_.intervals.push_back(run);
}

// Nothing is in flight, so nothing will change, and the head of the queue was refused for good.
void Engine::give_up_on_head(std::vector<RequestIndex>& ended) {
  const std::vector<RequestSlot> skipped = scheduler_.skipped_list();
  const RequestSlot head = skipped.empty() ? scheduler_.waiting_list().front() : skipped.front();
  scheduler_.finish(head, Status::finished_aborted);
  close(head, ended);
  records_[scheduler_[head].index].outcome = Outcome::never_fits;
}

void Engine::guard_progress(bool preempted, std::int64_t tokens) {
  if (tokens > 0) {
    fruitless_ = 0;
  } else if (preempted && ++fruitless_ > kFruitlessSteps) {
    throw InputError(
        ErrorKind::infeasible,
        Problem{.place = {},
                .message = "endless mutual preemption: running requests take each other's KV blocks and "
                           "none gets further, as they would in vLLM",
                .expected = "enough KV blocks for the requests that run at once",
                .got = std::to_string(result_.num_blocks) + " blocks",
                .hint = "lower engine.max_num_seqs, raise engine.gpu_memory_utilization, or use "
                        "scheduling_policy: fcfs"});
  }
}

// How many drafts the target model accepts: position p is accepted in acceptance[p] of the steps,
// and never after a rejected one.
int Engine::draw_accepted(int drafts) {
  const double u = static_cast<double>(acceptance_() >> 11) * 0x1p-53;
  int accepted = 0;
  while (accepted < drafts && accepted < std::ssize(config_.acceptance) &&
         u < config_.acceptance[static_cast<std::size_t>(accepted)]) {
    ++accepted;
  }
  return accepted;
}

EngineResult Engine::take_result() {
  scheduler_.land();
  for (const auto& list : {scheduler_.running_list(), scheduler_.waiting_list(), scheduler_.skipped_list()}) {
    for (RequestSlot slot : list) fill_record(slot);
  }
  result_.prefix = scheduler_.prefix_stats();
  result_.evicted_blocks = scheduler_.kv().evicted_blocks();
  return std::move(result_);
}

}  // namespace blis
