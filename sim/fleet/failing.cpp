// Replicas that die, and what becomes of their requests.
#include "sim/fleet/fleet_run.h"

namespace blis {

void FleetRun::expect_failure() {
  if (next_failure() != kNever) events_.push({next_failure(), EventKind::fail, 0});
}

void FleetRun::die(Time at) {
  const ReplicaFailure& failure = failures_[failed_++];
  expect_failure();
  if (next_arrival_ == kNever && finished_ == records_.size()) return;  // nobody is there to notice
  Replica& replica = replicas_[failure.replica];
  replica.instance->die(at, ended_);
  Downtime down{.replica = replica.number, .from = at};
  for (const RequestIndex index : ended_) {
    down.lost += records_[index].outcome == Outcome::failed;
    answered(index);
  }
  replica.balancer.lose(replica.first_endpoint);  // its only one
  Endpoint& endpoint = endpoints_[replica.first_endpoint];
  endpoint.api = ApiServer(replica.pool.api, replica.pool.engine->max_sequences());
  replica.expected = {};
  if (failure.restart_after) {
    down.to = at + *failure.restart_after;
    events_.push({down.to, EventKind::ready, replica.number});
  }
  downtimes_.push_back(down);
  if (feedback_ && !ended_.empty()) expect_arrival();
  ended_.clear();
}

}  // namespace blis
