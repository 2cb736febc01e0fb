// An instance of a pool, as the run sees it. What stands before it is in its endpoints.
#pragma once

#include <cstdint>
#include <memory>

#include "sim/fleet/balancer.h"
#include "sim/fleet/pool.h"
#include "sim/fleet/scaled_pool.h"
#include "sim/instance.h"

namespace blis {

struct Replica {
  EngineIndex number;
  const Pool& pool;
  Balancer& balancer;
  EngineIndex first_endpoint;  // the others follow
  std::uint32_t first_rank;    // among those of all replicas
  int ranks_per_endpoint;
  std::unique_ptr<Instance> instance;
  ScaledPool* scaled = nullptr;  // that it belongs to
  Time last_answer{};            // if it is scaled
  NextAct expected{};            // its event on the agenda; others of it are out of date

  bool hands_on() const { return pool.role == Role::prefill; }
};

}  // namespace blis
