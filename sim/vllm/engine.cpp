// When an engine does what. See engine_step.cpp for a step, and engine_records.cpp for what becomes of
// requests.
#include "sim/vllm/engine.h"

#include <algorithm>
#include <cassert>

#include "blis/error.hpp"

namespace blis {
namespace {

// vLLM's core loop sleeps for so long when it has work and could not execute any.
constexpr Duration kIdlePause = std::chrono::milliseconds{1};

// Steps after which run() returns to let others look, however far the horizon is; and rounds of its loop.
constexpr std::size_t kStepsPerRun = 1 << 14;

std::vector<std::int32_t> tabulate_padding(const std::vector<int>& graph_sizes) {
  std::vector<std::int32_t> padded;
  for (int size : graph_sizes) {
    padded.resize(static_cast<std::size_t>(std::max<std::int64_t>(size + 1, std::ssize(padded))), size);
  }
  if (!padded.empty()) padded[0] = 0;
  return padded;
}

}  // namespace

Engine::Engine(const EngineConfig& config, const LatencyModel& latency, const Seat& seat)
    : config_(config),
      latency_(latency),
      index_(seat.number),
      records_(seat.records),
      folding_(seat.folding),
      batches_(static_cast<std::size_t>(config.scheduler.batch_queue_size)),
      timing_{.clock = SustainedClock(config.clock)},
      graph_tokens_(tabulate_padding(config.cuda_graph_sizes)),
      acceptance_(seat.seed * 0x9e3779b97f4a7c15ull + seat.number),
      accepted_(config.acceptance),
      found_(config.drafted),
      fold_at_(seat.folding.keep) {
  result_.steps = StepLog(seat.pages);
  if (config.shares_kv) remote_kv_.emplace();
  if (config.store.token_bytes > 0) store_.emplace(config.store, config.scheduler.block_size);
  assert(!(remote_kv_ && store_) && "resolve() refuses it");
  KvConnector* connector = remote_kv_ ? static_cast<KvConnector*>(&*remote_kv_)
                           : store_   ? static_cast<KvConnector*>(&*store_)
                                      : nullptr;
  if (connector != nullptr && config.failing_loads > 0) {
    connector = &failures_.emplace(*connector, config.failing_loads, ~(seat.seed + seat.number));
  }
  // Members of the cruise are not asked what they have computed.
  const bool answers_are_written = store_ && !config.store.prompts_only;
  const Scheduler::Options options{.run_ahead = config.run_ahead && !answers_are_written,
                                   .connector = connector,
                                   .attention_window = config.attention_window};
  for (int rank = 0; rank < config.data_parallel_ranks; ++rank) {
    result_.num_blocks += ranks_.emplace_back(config.scheduler, options).kv().usable_blocks();
  }
  for (Batch& batch : batches_) batch.decisions.resize(ranks_.size());
  if (config.adapters.slots > 0) slots_.assign(ranks_.size(), AdapterSlots(config.adapters));
  assert(config.data_parallel_ranks % config.endpoints == 0);
  result_.ranks = config.data_parallel_ranks;
  result_.endpoints = config.endpoints;
  if (ranks_per_endpoint() > 1) {
    balances_.assign(static_cast<std::size_t>(config.endpoints),
                     RankBalance(config.rank_balance, ranks_per_endpoint()));
  }
  reports_.resize(ranks_.size());
  if (ranks_.size() > 1) {
    const StepShape dummy{.decodes = 1,
                          .decode_tokens = 1,
                          .graph_tokens = padded(1),
                          .drafts = config.scheduler.num_spec_tokens};
    dummy_step_ = std::max(to_duration(latency.step(dummy).total), Duration{1});
  }
  result_.regular_distance = regular_distance(config.scheduler);
}

void Engine::send(RequestIndex index, const RequestSpec& spec, Time visible) {
  records_[index].visible = visible;
  const std::size_t rank = rank_for(index, visible);
  records_[index].rank = static_cast<RankIndex>(rank);
  const RequestSlot slot = ranks_[rank].create(index, spec, index);
  inbox_.push_back({rank, slot, visible});
  if (store_) may_load_.emplace(index, slot);
  if (spec.timeout > Duration{0}) may_give_up_.emplace(index, Place{rank, slot});
  if (remote_kv_) expect_kv(index, spec, {rank, slot});
  const bool sleeps = next_ == kNever || (idle_ && next_ == next_reset());
  if (sleeps) {
    wake();
  } else if (remote_kv_ && flying_ == 0) {
    next_ = std::min(next_, seen_if_idle(visible));
  }
}

void Engine::abort(RequestIndex index) {
  aborts_.push_back(index);
  // One that does nothing but wait for blocks from elsewhere sees it at once.
  if (remote_kv_ && flying_ == 0) next_ = std::min(next_, seen_if_idle(records_[index].ended));
}

// The coordinator is taken to look when the first request comes after its time.
std::size_t Engine::rank_for(RequestIndex request, Time visible) {
  const std::size_t first = records_[request].rank, several = ranks_per_endpoint();
  if (several == 1) return first;
  const Time told{since_start(visible) / kCoordinatorInterval * kCoordinatorInterval};
  if (told != reports_.front().at) report_ranks(told);
  return first +
         balances_[first / several].choose(request, std::span(reports_).subspan(first, several), visible);
}

std::size_t Engine::run(Time horizon, std::vector<RequestIndex>& ended, bool pause_when_ended) {
  const std::size_t before = result_.steps.size();
  go_on(horizon, ended, pause_when_ended);
  return result_.steps.size() - before;
}

void Engine::go_on(Time horizon, std::vector<RequestIndex>& ended, bool pause_when_ended) {
  const std::size_t max_steps = result_.steps.size() + kStepsPerRun;
  for (std::size_t round = 0; round < kStepsPerRun && result_.steps.size() < max_steps; ++round) {
    if (!pulls_.empty()) return;  // who brings the blocks must hear of it before time goes on
    if (completing_) {
      if (next_ > horizon) return;
      now_ = next_;
      completing_ = false;
      complete(ended);
      if (pause_when_ended && !ended.empty()) return;
    }
    if (result_.steps.kept() >= fold_at_) fold();
    if (next_ >= horizon) return;
    if (next_ > kLastTime) refuse_time();
    look_up();
    if (!aborts_.empty()) apply_aborts(ended);
    if (next_reset() <= now_) reset_prefix_caches();
    if (remote_kv_) hear_of_kv(ended);
    drain_inbox(ended);
    if (failures_ && pause_when_ended && !ended.empty()) return;
    if (run_quiet_steps(horizon) || run_draft_steps(horizon)) continue;
    const bool computes = plan();
    if (remote_kv_) remote_kv_->take_begun(now_, pulls_);
    if (computes && flying_ < batches_.size()) continue;  // room for another batch at once
    if (!computes && (hold_slot() || look_again())) continue;
    wait_or_sleep(ended);
  }
}

// Time has gone on to what happens next. A worker looks for transfers that have ended when it is given a
// step, whose output tells the scheduler of them. Where it has nothing to compute, it looks all the time.
void Engine::look_up() {
  if (!idle_) {
    now_ = next_;
  } else if (ranks_.size() > 1) {
    pass_idle_time(next_);
  } else {
    now_ = heard_ = next_;
  }
}

// Nothing could be planned. True if it is known by now, and was not before, what came in during the last
// step.
bool Engine::look_again() {
  if (idle_ || computing_ > 0) return false;
  idle_ = true;
  flying_ = 0;  // empty batches are done at once
  return hears() && ranks_.size() == 1 && heard_ < now_ && batches_[oldest_].decisions[0].preempted.empty();
}

void Engine::refuse_time() {
  throw InputError(ErrorKind::infeasible,
                   Problem{.message = "the run takes more than 73 years of simulated time",
                           .expected = "less than 2^61 nanoseconds",
                           .hint = "simulate fewer requests, or faster steps"});
}

void Engine::drain_inbox(std::vector<RequestIndex>& ended) {
  while (!inbox_.empty() && inbox_.front().visible <= now_) {
    const auto [rank, slot, visible] = inbox_.front();
    inbox_.pop_front();
    const Request& request = ranks_[rank][slot];
    records_[request.index].queued = now_;
    if (request.waits_for_grammar) {
      compiling_.push_back({visible + config_.grammar_compile, rank, slot, request.index});
    }
    ranks_[rank].enqueue(slot);
  }
  if (!compiling_.empty()) note_grammars();
  if (store_) note_transfers(ended);
}

// What the store has brought and taken by now.
void Engine::note_transfers(std::vector<RequestIndex>& ended) {
  store_->at(now_, heard_, timing_.gpu_free);
  store_->take_ended(loaded_, written_);
  Scheduler& scheduler = ranks_.front();
  for (const RequestIndex index : loaded_) {
    const auto known = may_load_.find(index);
    if (known == may_load_.end()) {
      scheduler.blocks_sent(index);  // it is gone
    } else {
      end_load({0, known->second}, index, ended);
    }
  }
  for (const RequestIndex index : written_) scheduler.blocks_sent(index);
}

void Engine::note_grammars() {
  for (; !compiling_.empty() && compiling_.front().compiled <= now_; compiling_.pop_front()) {
    const Grammar& grammar = compiling_.front();
    Scheduler& scheduler = ranks_[grammar.rank];
    if (scheduler[grammar.slot].index == grammar.request) scheduler.grammar_compiled(grammar.slot);
  }
}

// What runs or waits fails where it is. A step in flight gives nothing: neither a token nor a row in the log.
void Engine::die(Time at, std::vector<RequestIndex>& ended) {
  assert(!remote_kv_ && !store_ && "a scenario with failures has no connector");
  const std::size_t before = ended.size();
  now_ = at;
  apply_aborts(ended);
  const auto lose = [&](Scheduler& scheduler, RequestSlot slot) {
    scheduler.finish(slot, RequestStatus::finished_error);
    close(scheduler[slot], ended);
    RequestRecord& record = records_[scheduler[slot].index];
    for (Time* const time : {&record.visible, &record.queued, &record.scheduled, &record.started}) {
      if (*time > at) *time = kUnset;  // it would have been
    }
  };
  for (Scheduler& scheduler : ranks_) {
    for (const auto& list : {scheduler.running_list(), scheduler.waiting_list(), scheduler.skipped_list()}) {
      for (const RequestSlot slot : list) lose(scheduler, slot);
    }
  }
  for (const Arrival& arrival : inbox_) lose(ranks_[arrival.rank], arrival.slot);
  inbox_.clear();
  compiling_.clear();
  std::ranges::sort(ended.begin() + static_cast<std::ptrdiff_t>(before), ended.end());
  note_shortage(false);
  for (Scheduler& scheduler : ranks_) scheduler.forget_steps_in_flight();
  flying_ = computing_ = 0;
  completing_ = false;
  idle_ = true;
  lockstep_steps_ = 0;
  timing_.gpu_free = timing_.last_end = at;
  stretched_ = result_.steps.empty() ? Duration{0} : result_.steps.back().stretched;
  preempted_by_reset_ = fruitless_ = 0;
  wake();
}

void Engine::restart() {
  for (Scheduler& scheduler : ranks_) scheduler.restart();
  before_restart_ = result_.steps.size();
  slots_.assign(slots_.size(), AdapterSlots(config_.adapters));
}

Time Engine::next_reset() const {
  const std::vector<Time>& resets = config_.prefix_cache_resets;
  return reset_by_now_ < resets.size() ? resets[reset_by_now_] : kNever;
}

// As POST /reset_prefix_cache, which the core loop sees between two calls of schedule(): steps may be in
// flight.
void Engine::reset_prefix_caches() {
  for (; next_reset() <= now_; ++reset_by_now_) {
    bool forgotten = true;
    for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
      Scheduler& scheduler = ranks_[rank];
      if (config_.reset_running_requests) {
        preempted_by_reset_ += scheduler.running();
        note_restarts(scheduler.running_list(), rank);
      }
      forgotten = scheduler.reset_prefix_cache(config_.reset_running_requests) && forgotten;
    }
    ++result_.resets;
    if (!forgotten) ++result_.failed_resets;
  }
}

// The decision just made, without tokens, takes a slot of the batch queue while others are in flight, where
// vLLM's does and it makes a difference. True if there is room for another, which is planned after a pause.
bool Engine::hold_slot() {
  if (!config_.scheduler.behaviour.queue_holds_empty_batches || batches_.size() < 3 || computing_ == 0) {
    return false;
  }
  batches_[(oldest_ + flying_) % batches_.size()].computes = false;
  ++flying_;
  next_ = now_ + kIdlePause;
  return flying_ < batches_.size();
}

// Steps in which sequences only decode, as run() would take them one by one: they differ in
// nothing but their contexts. False if there is none to take.
bool Engine::run_quiet_steps(Time horizon) {
  if (ranks_.size() > 1 || flying_ + 1 != batches_.size()) return false;
  Scheduler& scheduler = ranks_.front();
  const int steps = scheduler.quiet_steps();
  if (steps <= 0) return false;

  const Time before = now_;
  // Under asynchronous scheduling a step is in flight while the next one is planned.
  Batch* const flying = flying_ > 0 ? &batches_[oldest_] : nullptr;
  Decision* const flying_decision = flying == nullptr ? nullptr : &flying->decisions.front();
  if (flying != nullptr) flying->record.steady = flying_decision->steady;
  const Time next_arrival = std::min({next_news(), next_reset(), store_ ? store_->next_end() : kNever});
  const std::int32_t sequences = scheduler.cruising();
  const bool adapters = !slots_.empty() && scheduler.cruising_with_adapters();
  StepShape shape{.decodes = sequences,
                  .decode_tokens = sequences,
                  .sampled = sequences,
                  .graph_tokens = padded(sequences)};
  StepRecord record{.decodes = sequences,
                    .steady = sequences,
                    .running = scheduler.running(),
                    .waiting = static_cast<std::int32_t>(scheduler.waiting()),
                    .stretched = stretched_};
  for (int i = 0; i < steps && now_ < horizon && now_ < next_arrival; ++i) {
    if (flying != nullptr && flying->record.end > horizon) break;
    shape.decode_context = record.decode_context = scheduler.cruise_context();
    shape.window_context = scheduler.cruise_cut_context();
    const Timing timing = timing_;
    time(record, adapters ? cost_of(shape, true) : latency_.step(shape),
         flying != nullptr ? flying->record.end : now_);
    const bool in_time = flying != nullptr || record.end <= horizon;
    if (!in_time || !scheduler.quiet_step(flying_decision)) {
      timing_ = timing;
      break;
    }
    record.used_blocks = scheduler.kv().usable_blocks() - scheduler.kv().free_blocks();
    take_like_the_last(record, flying);
  }
  next_ = now_;
  return now_ > before;
}

// Nothing can be planned now: until the oldest batch is done, or something arrives.
void Engine::wait_or_sleep(std::vector<RequestIndex>& ended) {
  const auto preempted = [](const Decision& d) { return !d.preempted.empty(); };
  if (flying_ > 0 && !batches_[oldest_].computes) {
    oldest_ = (oldest_ + 1) % batches_.size();
    --flying_;
  } else if (flying_ > 0) {
    completing_ = true;
    next_ = std::max(now_, batches_[oldest_].record.end);
  } else if ((!compiling_.empty() || (store_ && store_->busy())) &&
             !std::ranges::all_of(ranks_, &Scheduler::idle)) {
    next_ = now_ + pause();
  } else if (std::ranges::all_of(ranks_, &Scheduler::idle)) {
    wake();
  } else if (std::ranges::any_of(batches_[oldest_].decisions, preempted)) {
    guard_progress(true, 0);
    next_ = now_ + pause();
  } else if (std::ranges::any_of(ranks_, &Scheduler::waits_for_others)) {
    next_ = next_news();
  } else {
    give_up_on_head(ended);
  }
}

// Ranks in step go on with dummy batches meanwhile, one at least.
Duration Engine::pause() const {
  if (ranks_.size() == 1) return kIdlePause;
  return (kIdlePause + dummy_step_ - Duration{1}) / dummy_step_ * dummy_step_;
}

void Engine::wake() {
  next_ = next_news();
  if (ranks_.size() == 1) next_ = std::min(next_, std::max(now_, next_reset()));
}

}  // namespace blis
