// A request from its source to an instance, and its end.
#include <algorithm>

#include "sim/fleet/fleet_run.h"

namespace blis {
namespace {

// Until a client has a proxy's error: the order of a connection and its answer. Not nothing, as those who try
// again at once would never get beyond that moment.
constexpr Duration kErrorRoundTrip = std::chrono::milliseconds(1);

}  // namespace

void FleetRun::expect_arrival() {
  if (feedback_) {
    next_arrival_ = source_.next_arrival();
  } else {
    next_arrival_ = source_.next(next_) ? next_.arrival : kNever;
  }
  if (next_arrival_ == pending_arrival_) return;
  pending_arrival_ = next_arrival_;
  if (next_arrival_ != kNever) events_.push({next_arrival_, EventKind::arrival, 0});
}

void FleetRun::arrive(Time at) {
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

void FleetRun::begin(RequestIndex index) {
  if (gateway_.takes_time()) {
    events_.push({gateway_.enter(index, next_), EventKind::dispatch, index});
  } else {
    reach_router(index, next_, next_.arrival);
  }
  if (next_.timeout > Duration{0}) {
    timeouts_ = true;
    events_.push({next_.arrival + next_.timeout, EventKind::timeout, index});
  }
}

void FleetRun::dispatch(RequestIndex index, const RequestSpec& request, Time at) {
  if (answering_.serves_nobody()) {  // a proxy without endpoints answers 503
    records_[index].outcome = Outcome::failed;
    records_[index].ended = at + kErrorRoundTrip;
    return end_unanswered(index, at);
  }
  const EngineIndex chosen = answering_.choose(request, index, at);
  if (chosen == kNoReplica) return refuse(index, at);
  Endpoint& last = endpoints_[chosen];
  if (!serves(last, records_[index], request)) return end_unanswered(index, at);
  EngineIndex apart = kNoReplica;
  if (computed_apart(last, request)) apart = prefilling_.choose(request, relay_.next(), at);
  if (apart == kNoReplica) {
    if (!hand_over(last, records_[index], index, request, at)) end_unanswered(index, at);
    return;
  }
  // The picker counts it from now on where it will be answered.
  answering_.sent(last.number, index, request.prompt_tokens);
  ++last.promised;
  const auto [leg, spec] = relay_.begin(index, request, at);
  Endpoint& first = endpoints_[apart];
  RequestRecord& record = relay_.records()[leg];
  if (!serves(first, record, spec) || !hand_over(first, record, leg, spec, at)) fail(leg, at);
}

bool FleetRun::computed_apart(const Endpoint& answering, const RequestSpec& request) const {
  if (prefilling_.empty() || request.prompt_tokens < handing_on_.prompt_tokens) return false;
  if (handing_on_.non_cached_tokens == 0) return true;
  const std::optional<std::int64_t> believed = answering_.believed_cached();
  const Instance& instance = *replicas_[answering.replica].instance;
  const std::int64_t cached = believed ? *believed : instance.cached_tokens(request, answering.within);
  return request.prompt_tokens - cached >= handing_on_.non_cached_tokens;
}

bool FleetRun::serves(const Endpoint& endpoint, RequestRecord& record, const RequestSpec& spec) const {
  record.replica = endpoint.replica;
  record.rank = static_cast<RankIndex>(endpoint.within * replicas_[endpoint.replica].ranks_per_endpoint);
  if (mixed_) record.outcome = refusal(*replicas_[endpoint.replica].pool.engine, spec);
  return record.outcome == Outcome::unfinished;
}

bool FleetRun::hand_over(Endpoint& endpoint, RequestRecord& record, RequestIndex index,
                         const RequestSpec& spec, Time at) {
  Replica& replica = replicas_[endpoint.replica];
  const EngineIndex target = endpoint.number;
  const Time visible =
      endpoint.api.pass(at, spec.prompt_tokens, replica.balancer.in_flight(target) - endpoint.promised);
  if (endpoint.queued.refuses(at, replica.hands_on() ? relay_.records() : records_)) {
    record.outcome = Outcome::rejected;
    record.ended = visible;
    return false;
  }
  endpoint.queued.enter(index);
  if (!spec.takes_kv) replica.balancer.sent(target, index, spec.prompt_tokens);
  replica.instance->send(index, spec, visible);
  expect(replica);
  return true;
}

void FleetRun::end_unanswered(RequestIndex index, Time at) {
  ++finished_;
  const RequestRecord& record = records_[index];
  if (!feedback_ || record.outcome == Outcome::aborted) return;
  source_.on_ended(index, record.ended != kUnset ? record.ended : at, record.outcome, 0);
  expect_arrival();
}

void FleetRun::give_up(RequestIndex index, Time at) {
  RequestRecord& record = records_[index];
  if (record.outcome != Outcome::unfinished) return;
  record.ended = at;
  if (gateway_.drop(index) || (flow_control_ && flow_control_->drop(index))) {
    record.outcome = Outcome::aborted;
    ++finished_;
  } else if (const RequestIndex* leg = relay_.leg_of(index)) {
    RequestRecord& first = relay_.records()[*leg];
    first.ended = at;
    give_up_at(first, *leg);
  } else {
    give_up_at(record, index);
  }
  if (feedback_) {
    source_.on_ended(index, at, Outcome::aborted, 0);
    expect_arrival();
  }
}

void FleetRun::give_up_at(const RequestRecord& record, RequestIndex index) {
  Replica& replica = replicas_[record.replica];
  endpoint_of(record).queued.leave();
  replica.instance->abort(index);
  expect(replica);
}

void FleetRun::answered(RequestIndex index) {
  const RequestRecord& record = records_[index];
  const Time at = left(record);
  Endpoint& endpoint = endpoint_of(record);
  answering_.answered(endpoint.number, index, record.input_tokens, at);
  room_changes(at);
  Replica& replica = replicas_[record.replica];
  replica.last_answer = std::max(replica.last_answer, departure(record));
  if (record.outcome != Outcome::aborted) endpoint.queued.leave();
  ++finished_;
  if (feedback_ && record.outcome != Outcome::aborted) {
    source_.on_ended(index, at, record.outcome, record.output_tokens);
  }
}

Time FleetRun::left(const RequestRecord& record) {
  if (record.outcome == Outcome::failed) return record.ended;
  return record.last_token == kUnset ? record.arrival : record.last_token;
}

}  // namespace blis
