// A simulation with a router that is no row of kRouters.
#pragma once

#include <memory>

#include "sim/fleet/router.h"
#include "sim/fleet/simulation.h"

namespace blis {

// As simulate(), but `router` chooses where answers come from.
RunResult simulate_routed_by(std::unique_ptr<Router> router, const SimulationConfig& config,
                             RequestSource& source, const ProgressFn& progress = {},
                             const Folding& folding = {});

}  // namespace blis
