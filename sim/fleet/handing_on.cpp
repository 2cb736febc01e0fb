// Requests of which one instance computes the prompt and another the answer.
#include <algorithm>

#include "sim/fleet/fleet_run.h"
#include "sim/metrics.h"

namespace blis {

void FleetRun::hand_on(RequestIndex leg) {
  const RequestRecord& first = relay_.records()[leg];
  Endpoint& computed = endpoint_of(first);
  prefilling_.answered(computed.number, leg, first.input_tokens, left(first));
  room_changes(left(first));
  if (first.outcome != Outcome::aborted) computed.queued.leave();
  if (!has_full_answer(first)) return fail(leg, first.ended != kUnset ? first.ended : first.arrival);
  Relay::Held held = relay_.end(leg);
  RequestSpec rest = held.whole.spec();
  rest.takes_kv = true;
  Endpoint& last = endpoint_of(records_[held.request]);
  const bool taken = hand_over(last, records_[held.request], held.request, rest, first.last_token);
  --last.promised;
  if (taken) {
    relay_.hand_on(held.request, leg);
  } else {
    take_back(held.request, first.last_token);
    replicas_[first.replica].instance->kv_read(leg, first.last_token + handing_on_.lease);
    end_unanswered(held.request, first.last_token);
  }
}

void FleetRun::fail(RequestIndex leg, Time at) {
  const RequestIndex request = relay_.end(leg).request;
  const RequestRecord& first = relay_.records()[leg];
  --endpoint_of(records_[request]).promised;
  take_back(request, at);
  records_[request].outcome = first.outcome;
  records_[request].ended = first.ended;
  end_unanswered(request, first.arrival);
}

void FleetRun::take_back(RequestIndex request, Time at) {
  const RequestRecord& record = records_[request];
  answering_.answered(endpoint_of(record).number, request, record.input_tokens, at);
  room_changes(at);
}

LinkEnd FleetRun::link_end(const RequestRecord& record) const {
  const Replica& replica = replicas_[record.replica];
  return {replica.first_rank + record.rank, std::max(replica.pool.gpus / replica.pool.engine->ranks(), 1)};
}

void FleetRun::pull(Replica& sink) {
  sink.instance->take_pulls(pulls_);
  for (const KvPull& pull : pulls_) {
    const RequestIndex leg = relay_.begin_pull(pull);
    const std::int64_t blocks = sink.pool.engine->kv_blocks(pull.tokens);
    const double bytes = static_cast<double>(blocks) * sink.pool.kv_block_bytes;
    links_.begin({pull.request, link_end(relay_.records()[leg]), link_end(records_[pull.request]),
                  pull.tokens > 0 ? bytes : 0},
                 pull.at);
  }
  pulls_.clear();
  expect_blocks();
}

void FleetRun::blocks_arrive(Time at) {
  if (at == blocks_expected_) blocks_expected_ = kNever;
  for (RequestIndex request = 0; links_.arrived(at, request);) {
    const RequestIndex leg = relay_.end_pull(request, at);
    Replica &sink = replicas_[records_[request].replica], &source = replicas_[relay_.records()[leg].replica];
    sink.instance->kv_arrived(request, at);
    source.instance->kv_read(leg, at);
    expect(sink);
    expect(source);
  }
  expect_blocks();
}

void FleetRun::expect_blocks() {
  const Time next = links_.next();
  if (next == kNever || next == blocks_expected_) return;
  blocks_expected_ = next;
  events_.push({next, EventKind::transfer, 0});
}

}  // namespace blis
