// Pools whose number of replicas follows their load: what of them is not simulated, and their settings as the
// simulator takes them.
#pragma once

#include "scenarios/placed_error.h"
#include "scenarios/resolved_scenario.h"
#include "sim/fleet/scaling_config.h"

namespace blis {

// Of one pool.
void check_scaling(ResolvedScenario& d, Complaints& complaints);

// Nothing where the number stays.
std::optional<ScalingConfig> scaling_config(const ResolvedScenario& d);

}  // namespace blis
