#include "sim/fleet/fleet_run.h"

#include <algorithm>
#include <utility>

#include "sim/stop_request.h"

namespace blis {
namespace {

// Events and steps between two looks at the progress callback.
constexpr std::size_t kWorkPerLook = 8192;

// Records that memory is set aside for, whatever is expected.
constexpr std::uint64_t kMaxReserved = std::uint64_t{1} << 21;

// The router of prefill pools draws from a stream of its own.
constexpr std::uint64_t kPrefillStream = 0x70726566696c6cull;

std::size_t share_of(std::size_t keep, int instances) {
  return std::max<std::size_t>(keep / static_cast<std::size_t>(std::max(instances, 1)), 1);
}

}  // namespace

FleetRun::FleetRun(const SimulationConfig& config, RequestSource& source, const ProgressFn& progress,
                   const Folding& folding, std::unique_ptr<Router> own_router)
    : source_(source),
      progress_(progress),
      folding_{folding.readers, share_of(folding.keep, total_instances(config.pools))},
      feedback_(source.has_feedback()),
      mixed_(config.pools.size() > 1),
      admission_(config.pools, config.over_length),
      before_router_(config.gateway),
      gateway_(config.gateway),
      flow_rule_(config.flow_control),
      flows_(config.flows),
      handing_on_(config.handing_on),
      links_(config.handing_on.link),
      events_(static_cast<std::size_t>(total_instances(config.pools)) + 1),
      prefilling_(config.prefill_router ? *config.prefill_router : config.router,
                  config.seed ^ kPrefillStream, contents_, relay_.records()),
      answering_(config.router, config.seed, contents_, records_),
      failures_(config.failures) {
  if (const auto expected = source.expected()) records_.reserve(std::min(*expected, kMaxReserved));
  scaled_.reserve(config.pools.size());  // replicas refer to them
  for (std::size_t number = 0; number < config.pools.size(); ++number) {
    const Pool& pool = config.pools[number];
    if (pool.scaling) scaled_.emplace_back(pool, number, static_cast<EngineIndex>(replicas_.size()));
    for (int i = 0; i < pool.places(); ++i) add(pool, config.seed, i < pool.count);
  }
  if (flow_rule_ && flow_rule_->queueing) flow_control_.emplace(*flow_rule_->queueing, flows_);
  if (flow_rule_) {
    prefilling_.watch_metrics();
    answering_.watch_metrics();
  }
  prefilling_.start();
  answering_.start(std::move(own_router));
  find_look_ahead();
  for (std::uint32_t i = 0; i < scaled_.size(); ++i) {
    events_.push({scaled_[i].next_look(), EventKind::scale, i});
  }
  expect_failure();
}

void FleetRun::add(const Pool& pool, std::uint64_t seed, bool serves) {
  const auto number = static_cast<EngineIndex>(replicas_.size());
  const bool prefill = pool.role == Role::prefill;
  const Seat seat{number, seed, prefill ? relay_.records() : records_, folding_, pages_};
  Balancer& balancer = prefill ? prefilling_ : answering_;
  const auto first = static_cast<EngineIndex>(endpoints_.size());
  const int ranks = pool.engine->ranks();
  replicas_.push_back({number, pool, balancer, first, ranks_, ranks / pool.engine->endpoints(),
                       pool.engine->start(seat), pool.scaling ? &scaled_.back() : nullptr});
  ranks_ += static_cast<std::uint32_t>(ranks);
  for (int i = 0; i < pool.engine->endpoints(); ++i) {
    const auto endpoint = static_cast<EngineIndex>(first + i);
    const auto within = static_cast<EndpointIndex>(i);
    endpoints_.push_back({endpoint,
                          number,
                          within,
                          {pool.api, pool.engine->max_sequences()},
                          QueuedRequests(pool.api.limits)});
    balancer.add(endpoint, *pool.engine, *replicas_.back().instance, within, serves);
  }
}

void FleetRun::find_look_ahead() {
  look_ahead_ = Duration::max();
  for (const Replica& replica : replicas_) {
    const ApiServerConfig& api = replica.pool.api;
    const bool loads_matter = replica.balancer.loads_matter() || handing_on_.non_cached_tokens > 0 ||
                              flow_rule_.has_value() || api.per_sequence > Duration{0} || api.limits.any();
    look_ahead_ = std::min(look_ahead_, loads_matter ? Duration{0} : api.latency);
  }
}

RunResult FleetRun::run() {
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
  result.downtimes = std::move(downtimes_);
  result.waits = std::move(waits_);
  result.gateway = before_router_.latency;
  result.gateway_per_token = before_router_.per_token;
  return result;
}

void FleetRun::handle(const Event& event) {
  now_ = event.at;
  switch (event.kind) {
    case EventKind::complete:
    case EventKind::plan:
      return run_instance(event);
    case EventKind::transfer:
      return blocks_arrive(event.at);
    case EventKind::fail:
      return die(event.at);
    case EventKind::timeout:
      return give_up(event.target, event.at);
    case EventKind::arrival:
      return arrive(event.at);
    case EventKind::dispatch:
      return gateway_.leave(event.target,
                            [&](const RequestSpec& spec) { reach_router(event.target, spec, event.at); });
    case EventKind::look:
      return look(event.at);
    case EventKind::ready:
      return become_ready(replicas_[event.target], event.at);
    case EventKind::scale:
      return scale(event.target, event.at);
  }
}

Time FleetRun::horizon(const Replica& replica) {
  // Clients that were answered do not give up.
  while (timeouts_ && !events_.empty() && events_.top().kind == EventKind::timeout &&
         records_[events_.top().target].outcome != Outcome::unfinished) {
    events_.pop();
  }
  Time sent = gateway_.next();  // when the next request is, at the earliest
  if (next_arrival_ != kNever) sent = std::min(sent, next_arrival_ + gateway_.least());
  // Who is lost with a replica may be sent to another one, or bring a client's next request.
  const Time arrival = std::min(sent == kNever ? kNever : sent + look_ahead_, next_failure());
  // Whoever waits for the place of a replica that drains takes the first that is free.
  const bool drains = replica.scaled != nullptr && replica.scaled->drains(replica.number);
  const bool others_matter = feedback_ || timeouts_ || !prefilling_.empty() || drains || waits();
  const Time event = others_matter && !events_.empty() ? std::min(arrival, events_.top().at) : arrival;
  return replica.scaled != nullptr ? std::min(event, replica.scaled->next_look()) : event;
}

void FleetRun::run_instance(const Event& event) {
  Replica& replica = replicas_[event.target];
  if (event.at != replica.expected.at || (event.kind == EventKind::complete) != replica.expected.completes) {
    return;  // it has heard something since, and acts at another time
  }
  replica.expected = {};
  // Everything that comes before this event has happened.
  const Time may_plan_before = event.at + Duration{event.kind == EventKind::plan ? 1 : 0};
  const bool pause = feedback_ || replica.hands_on() || waits();
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

void FleetRun::expect(Replica& replica) {
  const NextAct next = replica.instance->next();
  if (next.at == kNever) return;
  if (next.at == replica.expected.at && next.completes == replica.expected.completes) return;
  replica.expected = next;
  events_.push({next.at, next.completes ? EventKind::complete : EventKind::plan, replica.number});
}

}  // namespace blis
