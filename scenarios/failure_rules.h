// Replicas that are said to die: whether that can be, and what the simulation is told of it.
#pragma once

#include <vector>

#include "scenarios/placed_error.h"
#include "scenarios/scenario.h"
#include "sim/fleet/failure.h"

namespace blis {

// `replicas`: of all pools together, which failures count from 0 in the order of the pools, as results do.
void check_failures(const ScenarioSettings& scenario, int replicas, Complaints& complaints);

// By time.
std::vector<ReplicaFailure> failures_of(const ScenarioSettings& scenario);

}  // namespace blis
