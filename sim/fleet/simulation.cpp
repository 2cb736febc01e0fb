#include "sim/fleet/simulation.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <utility>

#include "sim/event_queue.h"
#include "sim/fleet/balancer.h"
#include "sim/fleet/own_router.h"
#include "sim/fleet/relay.h"
#include "sim/fleet/scaled_pool.h"
#include "sim/metrics.h"
#include "sim/stop_request.h"

namespace blis {
namespace {

// Events and steps between two looks at the progress callback.
constexpr std::size_t kWorkPerLook = 8192;

// Records that memory is set aside for, whatever is expected.
constexpr std::uint64_t kMaxReserved = std::uint64_t{1} << 21;

// The router of prefill pools draws from a stream of its own.
constexpr std::uint64_t kPrefillStream = 0x70726566696c6cull;

class Simulation {
 public:
  Simulation(const SimulationConfig& config, RequestSource& source, const ProgressFn& progress,
             const Folding& folding, std::unique_ptr<Router> own_router = nullptr)
      : source_(source),
        progress_(progress),
        folding_{folding.readers, share_of(folding.keep, total_instances(config.pools))},
        feedback_(source.has_feedback()),
        mixed_(config.pools.size() > 1),
        admission_(config.pools, config.over_length),
        before_router_(config.gateway),
        gateway_(config.gateway),
        handing_on_(config.handing_on),
        links_(config.handing_on.link),
        events_(static_cast<std::size_t>(total_instances(config.pools)) + 1),
        prefilling_(config.prefill_router ? *config.prefill_router : config.router,
                    config.seed ^ kPrefillStream, contents_, relay_.records()),
        answering_(config.router, config.seed, contents_, records_) {
    if (const auto expected = source.expected()) records_.reserve(std::min(*expected, kMaxReserved));
    scaled_.reserve(config.pools.size());  // replicas refer to them
    for (std::size_t number = 0; number < config.pools.size(); ++number) {
      const Pool& pool = config.pools[number];
      if (pool.scaling) scaled_.emplace_back(pool, number, static_cast<EngineIndex>(replicas_.size()));
      for (int i = 0; i < pool.places(); ++i) add(pool, config.seed, i < pool.count);
    }
    prefilling_.start();
    answering_.start(std::move(own_router));
    find_look_ahead();
    for (std::uint32_t i = 0; i < scaled_.size(); ++i) {
      events_.push({scaled_[i].next_look(), EventKind::scale, i});
    }
  }

  RunResult run() {
    expect_arrival();
    bool going = true;
    while (going && !events_.empty()) {
      const Event event = events_.pop();
      try {
        handle(event);
      } catch (const Interrupted&) {  // the source was long at work: what there is by now is the result
        going = false;
        break;
      }
      ++work_since_look_;
      if (progress_ && work_since_look_ >= kWorkPerLook) {
        work_since_look_ = 0;
        going = progress_({.finished = finished_,
                           .expected = source_.expected(),
                           .simulated_s = Seconds(since_start(event.at)).count()});
      }
    }
    RunResult result;
    result.interrupted = !going;
    for (const Replica& replica : replicas_) result.engines.push_back(replica.instance->take_result());
    result.requests = std::move(records_);
    result.legs = relay_.take();
    for (ScaledPool& pool : scaled_) result.scaling.push_back(pool.take());
    result.gateway = before_router_.latency;
    result.gateway_per_token = before_router_.per_token;
    return result;
  }

 private:
  void handle(const Event& event) {
    switch (event.kind) {
      case EventKind::complete:
      case EventKind::plan:
        return run_instance(event);
      case EventKind::transfer:
        return blocks_arrive(event.at);
      case EventKind::timeout:
        return give_up(event.target, event.at);
      case EventKind::arrival:
        return arrive(event.at);
      case EventKind::dispatch:
        return gateway_.leave(event.target,
                              [&](const RequestSpec& spec) { dispatch(event.target, spec, event.at); });
      case EventKind::ready:
        return become_ready(replicas_[event.target], event.at);
      case EventKind::scale:
        return scale(event.target, event.at);
    }
  }

  // An instance, and what stands before it.
  struct Replica {
    EngineIndex number;
    const Pool& pool;
    Balancer& balancer;
    ApiServer api;
    QueuedRequests queued;
    std::unique_ptr<Instance> instance;
    ScaledPool* scaled = nullptr;  // that it belongs to
    Time last_answer{};            // if it is scaled
    std::int64_t promised = 0;     // requests it will go on with, whose prompts are computed elsewhere
    NextAct expected{};            // its event on the agenda; others of it are out of date

    LinkEnd end() const { return {number, pool.gpus}; }
    bool hands_on() const { return pool.role == Role::prefill; }
  };

  static std::size_t share_of(std::size_t keep, int instances) {
    return std::max<std::size_t>(keep / static_cast<std::size_t>(std::max(instances, 1)), 1);
  }

  void add(const Pool& pool, std::uint64_t seed, bool serves) {
    const auto number = static_cast<EngineIndex>(replicas_.size());
    const bool prefill = pool.role == Role::prefill;
    const Seat seat{number, seed, prefill ? relay_.records() : records_, folding_, pages_};
    Balancer& balancer = prefill ? prefilling_ : answering_;
    replicas_.push_back({number,
                         pool,
                         balancer,
                         {pool.api, pool.engine->max_sequences()},
                         QueuedRequests(pool.api.limits),
                         pool.engine->start(seat),
                         pool.scaling ? &scaled_.back() : nullptr});
    balancer.add(number, *pool.engine, *replicas_.back().instance, serves);
  }

  // How far engines may run past an arrival that they have not been sent: until it can reach them. Not at
  // all if the choice of an instance, or what its API server makes of it, depends on what they did by then.
  void find_look_ahead() {
    look_ahead_ = Duration::max();
    for (const Replica& replica : replicas_) {
      const ApiServerConfig& api = replica.pool.api;
      const bool loads_matter = replica.balancer.loads_matter() || handing_on_.non_cached_tokens > 0 ||
                                api.per_sequence > Duration{0} || api.limits.any();
      look_ahead_ = std::min(look_ahead_, loads_matter ? Duration{0} : api.latency);
    }
  }

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
    const Outcome outcome = admission_.admit(next_);
    RequestRecord& record = records_.emplace_back();
    record.arrival = next_.arrival;
    record.input_tokens = next_.prompt_tokens;
    record.client = next_.client;
    record.outcome = outcome;
    if (outcome == Outcome::unfinished) {
      begin(index);
    } else {
      end_unanswered(index, next_.arrival);
    }
    expect_arrival();
  }

  // Takes in a request that has just arrived.
  void begin(RequestIndex index) {
    if (gateway_.takes_time()) {
      events_.push({gateway_.enter(index, next_), EventKind::dispatch, index});
    } else {
      dispatch(index, next_, next_.arrival);
    }
    if (next_.timeout > Duration{0}) {
      timeouts_ = true;
      events_.push({next_.arrival + next_.timeout, EventKind::timeout, index});
    }
  }

  // Sends a request that no instance has yet.
  void dispatch(RequestIndex index, const RequestSpec& request, Time at) {
    Replica* const last = choose(answering_, records_[index], index, request, at);
    if (last == nullptr) return end_unanswered(index, at);
    if (!computed_apart(*last, request)) {
      if (!hand_over(*last, records_[index], index, request, at)) end_unanswered(index, at);
      return;
    }
    // The picker counts it from now on where it will be answered.
    answering_.sent(last->number, index, request.prompt_tokens);
    ++last->promised;
    const auto [leg, spec] = relay_.begin(index, request, at);
    Replica* const first = choose(prefilling_, relay_.records()[leg], leg, spec, at);
    if (first == nullptr || !hand_over(*first, relay_.records()[leg], leg, spec, at)) fail(leg, at);
  }

  // Whether its prompt is computed by an instance of another pool than the one that answers.
  bool computed_apart(const Replica& answering, const RequestSpec& request) const {
    if (prefilling_.empty() || request.prompt_tokens < handing_on_.prompt_tokens) return false;
    if (handing_on_.non_cached_tokens == 0) return true;
    const std::optional<std::int64_t> believed = answering_.believed_cached();
    const std::int64_t cached = believed ? *believed : answering.instance->cached_tokens(request);
    return request.prompt_tokens - cached >= handing_on_.non_cached_tokens;
  }

  // Where the request goes; nullptr if that instance cannot serve it, which its record then says.
  Replica* choose(Balancer& balancer, RequestRecord& record, RequestIndex index, const RequestSpec& spec,
                  Time at) {
    Replica& replica = replicas_[balancer.choose(spec, index, at)];
    record.replica = replica.number;
    if (mixed_) record.outcome = refusal(*replica.pool.engine, spec);
    return record.outcome == Outcome::unfinished ? &replica : nullptr;
  }

  // False if its API server refuses it.
  bool hand_over(Replica& replica, RequestRecord& record, RequestIndex index, const RequestSpec& spec,
                 Time at) {
    const EngineIndex target = replica.number;
    const Time visible = replica.api.pass(at, replica.balancer.in_flight(target) - replica.promised);
    if (replica.queued.refuses(at, replica.hands_on() ? relay_.records() : records_)) {
      record.outcome = Outcome::rejected;
      record.ended = visible;
      return false;
    }
    replica.queued.enter(index);
    if (!spec.takes_kv) replica.balancer.sent(target, index, spec.prompt_tokens);
    replica.instance->send(index, spec, visible);
    expect(replica);
    return true;
  }

  // The first leg of a request has ended: it goes on where it is answered.
  void hand_on(RequestIndex leg) {
    const RequestRecord& first = relay_.records()[leg];
    prefilling_.answered(first.replica, leg, first.input_tokens, left(first));
    if (first.outcome != Outcome::aborted) replicas_[first.replica].queued.leave();
    if (!has_full_answer(first)) return fail(leg, first.ended != kUnset ? first.ended : first.arrival);
    const Relay::Held held = relay_.end(leg);
    Replica& last = replicas_[records_[held.request].replica];
    const bool taken = hand_over(last, records_[held.request], held.request, held.spec, first.last_token);
    --last.promised;
    if (taken) {
      relay_.hand_on(held.request, leg);
    } else {
      take_back(last, held.request, first.last_token);
      replicas_[first.replica].instance->kv_read(leg, first.last_token + handing_on_.lease);
      end_unanswered(held.request, first.last_token);
    }
  }

  // The first leg of a request has ended, and there will be no other.
  void fail(RequestIndex leg, Time at) {
    const RequestIndex request = relay_.end(leg).request;
    const RequestRecord& first = relay_.records()[leg];
    Replica& last = replicas_[records_[request].replica];
    --last.promised;
    take_back(last, request, at);
    records_[request].outcome = first.outcome;
    records_[request].ended = first.ended;
    end_unanswered(request, first.arrival);
  }

  // What was counted where a request was to be answered, and never came.
  void take_back(Replica& last, RequestIndex request, Time at) {
    answering_.answered(last.number, request, records_[request].input_tokens, at);
  }

  // Pulls that an instance has begun, or will not begin.
  void pull(Replica& sink) {
    sink.instance->take_pulls(pulls_);
    for (const KvPull& pull : pulls_) {
      const RequestIndex leg = relay_.begin_pull(pull);
      const Replica& source = replicas_[relay_.records()[leg].replica];
      const std::int64_t blocks = sink.pool.engine->kv_blocks(pull.tokens);
      const double bytes = static_cast<double>(blocks) * sink.pool.kv_block_bytes;
      links_.begin({pull.request, source.end(), sink.end(), pull.tokens > 0 ? bytes : 0}, pull.at);
    }
    pulls_.clear();
    expect_blocks();
  }

  void blocks_arrive(Time at) {
    if (at == blocks_expected_) blocks_expected_ = kNever;
    for (RequestIndex request = 0; links_.arrived(at, request);) {
      const RequestIndex leg = relay_.end_pull(request, at);
      Replica &sink = replicas_[records_[request].replica],
              &source = replicas_[relay_.records()[leg].replica];
      sink.instance->kv_arrived(request, at);
      source.instance->kv_read(leg, at);
      expect(sink);
      expect(source);
    }
    expect_blocks();
  }

  // Puts the next arrival of blocks on the agenda. One that has become later finds nothing there.
  void expect_blocks() {
    const Time next = links_.next();
    if (next == kNever || next == blocks_expected_) return;
    blocks_expected_ = next;
    events_.push({next, EventKind::transfer, 0});
  }

  // Its record says how.
  void end_unanswered(RequestIndex index, Time at) {
    ++finished_;
    const RequestRecord& record = records_[index];
    if (!feedback_ || record.outcome == Outcome::aborted) return;
    source_.on_ended(index, record.ended != kUnset ? record.ended : at, record.outcome, 0);
  }

  void give_up(RequestIndex index, Time at) {
    RequestRecord& record = records_[index];
    if (record.outcome != Outcome::unfinished) return;
    record.ended = at;
    if (gateway_.drop(index)) {
      record.outcome = Outcome::aborted;
      ++finished_;
    } else if (const RequestIndex* leg = relay_.leg_of(index)) {
      RequestRecord& first = relay_.records()[*leg];
      first.ended = at;
      give_up_at(replicas_[first.replica], *leg);
    } else {
      give_up_at(replicas_[record.replica], index);
    }
    if (feedback_) {
      source_.on_ended(index, at, Outcome::aborted, 0);
      expect_arrival();
    }
  }

  void give_up_at(Replica& replica, RequestIndex index) {
    replica.queued.leave();
    replica.instance->abort(index);
    expect(replica);
  }

  // An autoscaler's turn, as long as there is anything to be served.
  void scale(std::uint32_t number, Time at) {
    ScaledPool& pool = scaled_[number];
    if (next_arrival_ == kNever && finished_ == records_.size()) return;
    sights_.clear();
    for (const EngineIndex i : pool.ready()) {
      const Replica& replica = replicas_[i];
      sights_.push_back({i, replica.balancer.in_flight(i), replica.instance->published(at)});
    }
    const ScaledPool::Orders orders = pool.look(sights_);
    for (const EngineIndex i : orders.start) events_.push({at + pool.startup(), EventKind::ready, i});
    for (const EngineIndex i : orders.drain) {
      Replica& replica = replicas_[i];
      replica.balancer.close(i);
      stop_if_drained(replica, at);
    }
    events_.push({pool.next_look(), EventKind::scale, number});
  }

  void become_ready(Replica& replica, Time at) {
    if (!replica.scaled->becomes_ready(replica.number, at)) return;
    replica.instance->restart();
    replica.balancer.open(replica.number);
  }

  void stop_if_drained(const Replica& replica, Time at) {
    if (!replica.scaled->drains(replica.number) || replica.balancer.in_flight(replica.number) > 0) return;
    const Time end = std::max(replica.last_answer, at);  // it has run beyond `at`
    if (!replica.scaled->stops(replica.number, end)) return;
    events_.push({end + replica.scaled->startup(), EventKind::ready, replica.number});
  }

  // Up to when nothing from outside can reach an instance that has not been sent to it already.
  Time horizon(const Replica& replica) {
    // Clients that were answered do not give up.
    while (timeouts_ && !events_.empty() && events_.top().kind == EventKind::timeout &&
           records_[events_.top().target].outcome != Outcome::unfinished) {
      events_.pop();
    }
    Time sent = gateway_.next();  // when the next request is, at the earliest
    if (next_arrival_ != kNever) sent = std::min(sent, next_arrival_ + gateway_.least());
    const Time arrival = sent == kNever ? kNever : sent + look_ahead_;
    // Whoever waits for the place of a replica that drains takes the first that is free.
    const bool drains = replica.scaled != nullptr && replica.scaled->drains(replica.number);
    const bool others_matter = feedback_ || timeouts_ || !prefilling_.empty() || drains;
    const Time event = others_matter && !events_.empty() ? std::min(arrival, events_.top().at) : arrival;
    return replica.scaled != nullptr ? std::min(event, replica.scaled->next_look()) : event;
  }

  void run_instance(const Event& event) {
    Replica& replica = replicas_[event.target];
    if (event.at != replica.expected.at ||
        (event.kind == EventKind::complete) != replica.expected.completes) {
      return;  // it has heard something since, and acts at another time
    }
    replica.expected = {};
    // Everything that comes before this event has happened.
    const Time may_plan_before = event.at + Duration{event.kind == EventKind::plan ? 1 : 0};
    const bool pause = feedback_ || replica.hands_on();
    work_since_look_ += replica.instance->run(std::max(horizon(replica), may_plan_before), ended_, pause);
    for (const RequestIndex index : ended_) {
      if (replica.hands_on()) {
        hand_on(index);
      } else {
        answered(index);
      }
    }
    if (feedback_ && !ended_.empty()) expect_arrival();
    ended_.clear();
    if (!prefilling_.empty() && !replica.hands_on()) pull(replica);
    if (replica.scaled != nullptr) stop_if_drained(replica, event.at);
    expect(replica);
  }

  // Puts what an instance does next on the agenda.
  void expect(Replica& replica) {
    const NextAct next = replica.instance->next();
    if (next.at == kNever) return;
    if (next.at == replica.expected.at && next.completes == replica.expected.completes) return;
    replica.expected = next;
    events_.push({next.at, next.completes ? EventKind::complete : EventKind::plan, replica.number});
  }

  void answered(RequestIndex index) {
    const RequestRecord& record = records_[index];
    const Time at = left(record);
    answering_.answered(record.replica, index, record.input_tokens, at);
    Replica& replica = replicas_[record.replica];
    replica.last_answer = std::max(replica.last_answer, departure(record));
    if (record.outcome != Outcome::aborted) replica.queued.leave();
    ++finished_;
    if (feedback_ && record.outcome != Outcome::aborted) {
      source_.on_ended(index, at, record.outcome, record.output_tokens);
    }
  }

  // When the client saw a request end that an instance was sent.
  static Time left(const RequestRecord& record) {
    if (record.outcome == Outcome::failed) return record.ended;
    return record.last_token == kUnset ? record.arrival : record.last_token;
  }

  RequestSource& source_;
  const ProgressFn& progress_;
  const Folding folding_;  // of each instance
  const std::shared_ptr<StepPages> pages_ = std::make_shared<StepPages>();
  const bool feedback_;
  const bool mixed_;       // what one pool can serve may be too much for another
  bool timeouts_ = false;  // somebody has one
  AdmissionControl admission_;
  const GatewayConfig& before_router_;
  Gateway gateway_;
  const HandingOn& handing_on_;
  Links links_;
  Time blocks_expected_ = kNever;  // of the transfer in events_
  std::vector<KvPull> pulls_;
  EventQueue events_;
  LargeVector<RequestRecord> records_;
  Relay relay_;
  ContentTree contents_;  // of prompts, for routers
  Balancer prefilling_, answering_;
  std::vector<ScaledPool> scaled_;
  std::vector<ReplicaSight> sights_;
  std::vector<Replica> replicas_;  // by EngineIndex
  Duration look_ahead_{0};
  RequestSpec next_;
  Time next_arrival_ = kNever;
  Time pending_arrival_ = kNever;  // of the arrival in events_
  std::uint64_t finished_ = 0;
  std::size_t work_since_look_ = 0;
  std::vector<RequestIndex> ended_;
};

}  // namespace

RunResult simulate(const SimulationConfig& config, RequestSource& source, const ProgressFn& progress,
                   const Folding& folding) {
  check_pools(config.pools);
  return Simulation(config, source, progress, folding).run();
}

RunResult simulate_routed_by(std::unique_ptr<Router> router, const SimulationConfig& config,
                             RequestSource& source, const ProgressFn& progress, const Folding& folding) {
  check_pools(config.pools);
  return Simulation(config, source, progress, folding, std::move(router)).run();
}

}  // namespace blis
