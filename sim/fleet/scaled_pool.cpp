#include "sim/fleet/scaled_pool.h"

#include <algorithm>
#include <cassert>

namespace blis {

MadeAutoscaler make_autoscaler(const ScalingConfig& config) {
  const auto row = std::ranges::find(kAutoscalers, config.policy, &AutoscalerPolicy::name);
  assert(row != kAutoscalers.end() && "the scenario reader checks names");
  return row->make(config);
}

ScaledPool::ScaledPool(const Pool& pool, std::size_t number, EngineIndex first)
    : config_(*pool.scaling),
      autoscaler_(make_autoscaler(config_)),
      first_(first),
      places_(static_cast<std::size_t>(pool.places())),
      next_look_(Time{} + config_.period),
      result_{.pool = number, .places = pool.places()} {
  for (int i = 0; i < pool.count; ++i) places_[static_cast<std::size_t>(i)].state = State::ready;
  note(Time{});
}

std::vector<EngineIndex> ScaledPool::ready() const {
  std::vector<EngineIndex> replicas;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].state == State::ready) replicas.push_back(first_ + static_cast<EngineIndex>(i));
  }
  return replicas;
}

int ScaledPool::count(State state) const {
  return static_cast<int>(std::ranges::count(places_, state, &Place::state));
}

ScaledPool::Orders ScaledPool::look(std::span<const ReplicaSight> ready) {
  const Time at = next_look_;
  next_look_ += config_.period;
  const int replicas = waiting_ + count(State::starting) + count(State::ready);
  const int wanted = autoscaler_->wanted({at, replicas, ready});
  assert(wanted >= config_.min_replicas && wanted <= config_.max_replicas);
  Orders orders;
  for (int i = replicas; i < wanted; ++i) {
    if (!start(at, orders)) ++waiting_;
  }
  for (int i = wanted; i < replicas; ++i) {
    if (waiting_ > 0) {
      --waiting_;
    } else {
      remove(at, orders);
    }
  }
  if (wanted > replicas) ++result_.ups;
  if (wanted < replicas) ++result_.downs;
  note(at);
  return orders;
}

bool ScaledPool::start(Time at, Orders& orders) {
  const auto free = std::ranges::find(places_, State::stopped, &Place::state);
  if (free == places_.end()) return false;
  *free = {State::starting, at + config_.startup};
  orders.start.push_back(first_ + static_cast<EngineIndex>(free - places_.begin()));
  return true;
}

// One that is not ready yet, else the one that has been ready for the shortest time: as a ReplicaSet does.
void ScaledPool::remove(Time at, Orders& orders) {
  Place* last = nullptr;
  for (Place& place : places_) {
    if (place.state != State::starting && place.state != State::ready) continue;
    const bool sooner = last != nullptr && (last->state == place.state ? place.since < last->since
                                                                       : last->state == State::starting);
    if (!sooner) last = &place;
  }
  assert(last != nullptr && "at least min_replicas stay");
  if (last->state == State::starting) {
    *last = {};
  } else {
    *last = {State::draining, at};
    orders.drain.push_back(first_ + static_cast<EngineIndex>(last - places_.data()));
  }
}

bool ScaledPool::becomes_ready(EngineIndex replica, Time at) {
  Place& starting = place(replica);
  if (starting.state != State::starting || starting.since != at) return false;
  starting = {State::ready, at};
  note(at);
  return true;
}

bool ScaledPool::stops(EngineIndex replica, Time at) {
  place(replica) = {};
  const bool again = waiting_ > 0;
  if (again) {
    --waiting_;
    place(replica) = {State::starting, at + config_.startup};
  }
  note(at);
  return again;
}

void ScaledPool::note(Time at) {
  const ReplicaCount now{at, count(State::starting), count(State::ready), count(State::draining)};
  std::vector<ReplicaCount>& counts = result_.counts;
  if (!counts.empty() && counts.back().at == at) counts.pop_back();
  const bool changes = counts.empty() || counts.back().starting != now.starting ||
                       counts.back().ready != now.ready || counts.back().draining != now.draining;
  if (changes) counts.push_back(now);
}

}  // namespace blis
