// The replicas of a pool whose number changes: which of its places are starting, ready or draining. A
// deployment has GPUs for as many replicas as its limit says; a place is the GPUs of one. A replica that
// drains keeps them, and one that is to start when all are taken waits for the next that are free.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/fleet/autoscaler.h"
#include "sim/fleet/pool.h"
#include "sim/run_result.h"

namespace blis {

class ScaledPool {
 public:
  // `pool` has a scaling, and its places are numbered from `first` on. The first pool.count are ready.
  ScaledPool(const Pool& pool, std::size_t number, EngineIndex first);

  // What is to be done at once. Starts are over after startup().
  struct Orders {
    std::vector<EngineIndex> start;
    std::vector<EngineIndex> drain;  // that were ready
  };

  Time next_look() const { return next_look_; }
  Duration startup() const { return config_.startup; }
  // Replicas that requests can be sent to, ascending.
  std::vector<EngineIndex> ready() const;

  // The decision that is due at next_look(). `ready` is of ready(), in its order.
  Orders look(std::span<const ReplicaSight> ready);

  // A start that was ordered may be over. False if it is not: nobody wants the replica any more, or it was
  // started again since.
  bool becomes_ready(EngineIndex replica, Time at);

  bool drains(EngineIndex replica) const { return place(replica).state == State::draining; }
  // The last request of a replica that drains is answered. True if another one starts in its place now.
  bool stops(EngineIndex replica, Time at);

  PoolScaling take() { return std::move(result_); }

 private:
  enum class State : std::uint8_t { stopped, starting, ready, draining };
  struct Place {
    State state = State::stopped;
    Time since{};  // starting: when that is over; ready: since when
  };

  const Place& place(EngineIndex replica) const { return places_[replica - first_]; }
  Place& place(EngineIndex replica) { return places_[replica - first_]; }
  int count(State state) const;
  bool start(Time at, Orders& orders);  // false: all places are taken
  void remove(Time at, Orders& orders);
  void note(Time at);

  const ScalingConfig& config_;
  MadeAutoscaler autoscaler_;
  EngineIndex first_;
  std::vector<Place> places_;
  int waiting_ = 0;  // replicas for a place
  Time next_look_;
  PoolScaling result_;
};

}  // namespace blis
