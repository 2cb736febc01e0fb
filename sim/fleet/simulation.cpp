#include "sim/fleet/simulation.h"

#include <utility>

#include "sim/fleet/fleet_run.h"
#include "sim/fleet/own_router.h"

namespace blis {

RunResult simulate(const SimulationConfig& config, RequestSource& source, const ProgressFn& progress,
                   const Folding& folding) {
  check_pools(config.pools);
  return FleetRun(config, source, progress, folding).run();
}

RunResult simulate_routed_by(std::unique_ptr<Router> router, const SimulationConfig& config,
                             RequestSource& source, const ProgressFn& progress, const Folding& folding) {
  check_pools(config.pools);
  return FleetRun(config, source, progress, folding, std::move(router)).run();
}

}  // namespace blis
