// llm-d's endpoint picker in front of a deployment's pools.
#pragma once

#include <string>
#include <vector>

#include "scenarios/scenario.h"
#include "sim/fleet/simulation.h"

namespace blis {

// Reads the picker's file, or what llm-d does without one, into a simulation that has its pools: what
// read_epp_file() says goes to `warnings`. Throws InputError: usage unless its profiles are for the roles
// that the pools have, not_modelled where it does something to the workload's flows that is not simulated.
void route_by_epp(const ScenarioSettings& scenario, SimulationConfig& config,
                  std::vector<std::string>& warnings);

// Of another router: throws InputError (usage) if the workload says something of flows, which it knows
// nothing of.
void refuse_flows(const ScenarioSettings& scenario);

}  // namespace blis
