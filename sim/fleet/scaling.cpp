// What an autoscaler decides, done to the replicas of its pool.
#include <algorithm>

#include "sim/fleet/fleet_run.h"

namespace blis {

void FleetRun::scale(std::uint32_t number, Time at) {
  ScaledPool& pool = scaled_[number];
  if (next_arrival_ == kNever && finished_ == records_.size()) return;
  sights_.clear();
  for (const EngineIndex i : pool.ready()) {
    const Replica& replica = replicas_[i];
    const std::int64_t in_flight = replica.balancer.in_flight(replica.first_endpoint);
    const PublishedFacts facts = replica.pool.engine->published_facts();
    sights_.push_back({i, in_flight, replica.instance->published(at), replica.instance->last_pass(at),
                       facts.kv_blocks * facts.block_size});
  }
  const ScaledPool::Orders orders = pool.look(sights_);
  for (const EngineIndex i : orders.start) events_.push({at + pool.startup(), EventKind::ready, i});
  for (const EngineIndex i : orders.drain) {
    Replica& replica = replicas_[i];
    replica.balancer.close(replica.first_endpoint);
    stop_if_drained(replica, at);
  }
  events_.push({pool.next_look(), EventKind::scale, number});
}

void FleetRun::become_ready(Replica& replica, Time at) {
  if (replica.scaled != nullptr && !replica.scaled->becomes_ready(replica.number, at)) return;
  replica.instance->restart();
  replica.balancer.open(replica.first_endpoint);
  room_changes(at);
}

void FleetRun::stop_if_drained(const Replica& replica, Time at) {
  if (!replica.scaled->drains(replica.number)) return;
  if (replica.balancer.in_flight(replica.first_endpoint) > 0) return;
  const Time end = std::max(replica.last_answer, at);  // it has run beyond `at`
  if (!replica.scaled->stops(replica.number, end)) return;
  events_.push({end + replica.scaled->startup(), EventKind::ready, replica.number});
}

}  // namespace blis
