#include "sim/fleet/simulation.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <string>

#include "sim/event_queue.h"
#include "sim/fleet/router.h"
#include "sim/vllm/engine.h"

namespace blis {
namespace {

// Events and steps between two looks at the progress callback.
constexpr std::size_t kWorkPerLook = 8192;

// Records that memory is set aside for, whatever is expected.
constexpr std::uint64_t kMostReserved = std::uint64_t{1} << 21;

class Simulation {
 public:
  Simulation(const SimulationConfig& config, const LatencyModel& latency, RequestSource& source,
             const ProgressFn& progress, const Folding& folding)
      : config_(config),
        source_(source),
        progress_(progress),
        folding_{folding.readers,
                 std::max<std::size_t>(folding.keep / static_cast<std::size_t>(config.replicas), 1)},
        feedback_(source.has_feedback()),
        events_(static_cast<std::size_t>(config.replicas) + 1),
        loads_(static_cast<std::size_t>(config.replicas)),
        last_visible_(static_cast<std::size_t>(config.replicas)) {
    for (const RouterPolicy& policy : kRouters) {
      if (policy.name != config.router) continue;
      router_ = policy.make(config.seed);
      loads_matter_ =
          (policy.sees_loads && config.replicas > 1) || config.api_latency_per_sequence > Duration{0};
    }
    assert(router_ && "the scenario reader checks names");
    if (const auto expected = source.expected()) records_.reserve(std::min(*expected, kMostReserved));
    for (int i = 0; i < config.replicas; ++i) {
      const Seat seat{static_cast<EngineIndex>(i), config.seed, records_, folding_};
      engines_.push_back(std::make_unique<Engine>(config.engine, latency, seat));
    }
  }

  RunResult run() {
    expect_arrival();
    bool going = true;
    while (going && !events_.empty()) {
      const Event event = events_.pop();
      switch (event.kind) {
        case EventKind::complete:
        case EventKind::plan:
          run_engine(event);
          break;
        case EventKind::timeout:
          give_up(event.target, event.at);
          break;
        case EventKind::arrival:
          arrive(event.at);
          break;
      }
      ++work_since_look_;
      if (progress_ && work_since_look_ >= kWorkPerLook) {
        work_since_look_ = 0;
        going = progress_({.finished = finished_, .expected = source_.expected(), .now = event.at});
      }
    }
    RunResult result;
    result.interrupted = !going;
    for (const auto& engine : engines_) result.engines.push_back(engine->take_result());
    result.requests = std::move(records_);
    return result;
  }

 private:
  // Puts the next arrival on the agenda. Without feedback the request itself is known by now.
  void expect_arrival() {
    if (feedback_) {
      next_arrival_ = source_.next_arrival();
    } else {
      next_arrival_ = source_.next(next_) ? next_.arrival : kNever;
    }
    if (next_arrival_ == pending_arrival_) return;
    pending_arrival_ = next_arrival_;
    if (next_arrival_ != kNever) events_.push({next_arrival_, EventKind::arrival, 0});
  }

  void arrive(Time at) {
    if (at != next_arrival_) return;  // it was brought forward, and has come
    pending_arrival_ = kNever;
    if (feedback_ && !source_.next(next_)) return expect_arrival();
    check_arrival(records_.size(), next_.arrival);
    const auto index = static_cast<RequestIndex>(records_.size());
    const Outcome outcome = admissible(next_);
    RequestRecord& record = records_.emplace_back();
    record.arrival = next_.arrival;
    record.input_tokens = next_.prompt_tokens;
    record.client = next_.client;
    record.outcome = outcome;
    if (outcome == Outcome::unfinished) {
      send(index);
    } else {
      ++finished_;
      if (feedback_) source_.on_ended(index, next_.arrival, outcome, 0);
    }
    expect_arrival();
  }

  void send(RequestIndex index) {
    const EngineIndex target = router_->route(next_, loads_);
    records_[index].replica = target;
    loads_[target].requests += 1;
    loads_[target].tokens += next_.prompt_tokens;
    Instance& engine = *engines_[target];
    const bool asleep = engine.next().at == kNever;
    engine.send(index, next_, visible_at(target));
    if (asleep) expect(target);
    if (next_.timeout > Duration{0}) {
      timeouts_ = true;
      events_.push({next_.arrival + next_.timeout, EventKind::timeout, index});
    }
  }

  // When the engine sees it. The API server streams to the requests in the batch, in one thread, before it
  // gets to a new one; what is sent later is never seen earlier.
  Time visible_at(EngineIndex target) {
    const std::int64_t streaming = std::min<std::int64_t>(
        loads_[target].requests - 1,
        std::int64_t{config_.engine.scheduler.max_num_seqs} * config_.engine.data_parallel_ranks);
    const Time visible = next_.arrival + config_.api_latency + config_.api_latency_per_sequence * streaming;
    return last_visible_[target] = std::max(last_visible_[target], visible);
  }

  // Whether an engine could ever serve it, after what the over-length policy makes of it.
  Outcome admissible(RequestSpec& spec) {
    const SchedulerConfig& scheduler = config_.engine.scheduler;
    const int limit = scheduler.max_model_len;
    const std::int64_t whole = std::int64_t{spec.prompt_tokens} + spec.output_tokens;
    if (whole > limit) {
      if (config_.over_length == OverLength::skip) return Outcome::dropped;
      if (config_.over_length == OverLength::clip && spec.output_tokens < limit) {
        clip_prompt(spec, limit - spec.output_tokens);
      }
      if (spec.prompt_tokens >= limit) return Outcome::too_long;
    }
    const std::int64_t tokens = std::min<std::int64_t>(whole, limit);
    std::int64_t blocks = 0;
    for (int window : scheduler.group_windows) {
      const std::int64_t kept =
          window == 0 ? tokens : std::min<std::int64_t>(tokens, window + scheduler.block_size);
      blocks += (kept + scheduler.block_size - 1) / scheduler.block_size;
    }
    return blocks > scheduler.num_blocks - 1 ? Outcome::never_fits : Outcome::unfinished;
  }

  void clip_prompt(RequestSpec& spec, std::int32_t limit) {
    spec.prompt_tokens = std::min(spec.prompt_tokens, limit);
    clipped_.clear();
    std::int32_t left = spec.prompt_tokens;
    for (const ContentRun& run : spec.prompt) {
      if (left == 0) break;
      clipped_.push_back({run.content, std::min(run.tokens, left)});
      left -= clipped_.back().tokens;
    }
    spec.prompt = clipped_;
  }

  void give_up(RequestIndex index, Time at) {
    RequestRecord& record = records_[index];
    if (record.outcome != Outcome::unfinished) return;
    record.ended = at;
    engines_[record.replica]->abort(index);
    if (feedback_) {
      source_.on_ended(index, at, Outcome::aborted, 0);
      expect_arrival();
    }
  }

  // Up to when nothing from outside can reach an engine that has not been sent to it already.
  Time horizon() {
    // Clients that were answered do not give up.
    while (timeouts_ && !events_.empty() && events_.top().kind == EventKind::timeout &&
           records_[events_.top().target].outcome != Outcome::unfinished) {
      events_.pop();
    }
    const Duration ahead = loads_matter_ ? Duration{0} : config_.api_latency;
    const Time arrival = next_arrival_ == kNever ? kNever : next_arrival_ + ahead;
    const bool others_matter = feedback_ || timeouts_;
    return others_matter && !events_.empty() ? std::min(arrival, events_.top().at) : arrival;
  }

  void run_engine(const Event& event) {
    Instance& engine = *engines_[event.target];
    // Everything that comes before this event has happened.
    const Time may_plan_before = event.at + Duration{event.kind == EventKind::plan ? 1 : 0};
    work_since_look_ += engine.run(std::max(horizon(), may_plan_before), ended_, feedback_);
    for (RequestIndex index : ended_) {
      const RequestRecord& record = records_[index];
      loads_[record.replica].requests -= 1;
      loads_[record.replica].tokens -= record.input_tokens;
      if (feedback_ && record.outcome != Outcome::aborted) {
        const Time at = record.last_token == kUnset ? record.arrival : record.last_token;
        source_.on_ended(index, at, record.outcome, record.output_tokens);
      }
    }
    finished_ += ended_.size();
    if (feedback_ && !ended_.empty()) expect_arrival();
    ended_.clear();
    expect(event.target);
  }

  // Puts what an instance does next on the agenda.
  void expect(std::uint32_t target) {
    const NextAct next = engines_[target]->next();
    if (next.at != kNever) {
      events_.push({next.at, next.completes ? EventKind::complete : EventKind::plan, target});
    }
  }

  const SimulationConfig& config_;
  RequestSource& source_;
  const ProgressFn& progress_;
  const Folding folding_;  // of each engine
  const bool feedback_;
  bool timeouts_ = false;  // somebody has one
  EventQueue events_;
  std::unique_ptr<Router> router_;
  bool loads_matter_ = false;  // so no engine may run past an arrival that it has not been sent
  std::vector<ReplicaLoad> loads_;
  std::vector<Time> last_visible_;  // of the requests sent to each replica
  LargeVector<RequestRecord> records_;
  std::vector<std::unique_ptr<Instance>> engines_;  // by EngineIndex
  RequestSpec next_;
  Time next_arrival_ = kNever;
  Time pending_arrival_ = kNever;  // of the arrival in events_
  std::uint64_t finished_ = 0;
  std::size_t work_since_look_ = 0;
  std::vector<RequestIndex> ended_;
  std::vector<ContentRun> clipped_;
};

}  // namespace

RunResult simulate(const SimulationConfig& config, const LatencyModel& latency, RequestSource& source,
                   const ProgressFn& progress, const Folding& folding) {
  return Simulation(config, latency, source, progress, folding).run();
}

}  // namespace blis
