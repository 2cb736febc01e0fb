// An instance, and what stands before it.
#pragma once

#include <cstdint>
#include <memory>

#include "sim/fleet/api_server.h"
#include "sim/fleet/balancer.h"
#include "sim/fleet/links.h"
#include "sim/fleet/pool.h"
#include "sim/fleet/queue_limits.h"
#include "sim/fleet/scaled_pool.h"
#include "sim/instance.h"

namespace blis {

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

}  // namespace blis
