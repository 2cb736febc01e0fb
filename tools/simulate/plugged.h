// Functions of the library's users (blis/plugins.hpp) as the simulator knows such parts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "blis/plugins.hpp"
#include "sim/fleet/router.h"
#include "sim/latency_model.h"
#include "tools/simulate/simulate_scenario.h"
#include "workloads/workload.h"

namespace blis {

// Answers that are out of range are thrown as InputError (usage).
std::unique_ptr<LatencyModel> plugged_model(StepTime step_time);
std::unique_ptr<WorkloadSource> plugged_source(NextRequest next);
std::unique_ptr<Router> plugged_router(ChooseReplica choose);

// Sentences without a full stop: what was replaced.
std::vector<std::string> plugged_warnings(const Plugins& plugins);

// As simulate_scenario(), with these parts in the place of the scenario's.
RunReport simulate_plugged(const ScenarioSettings& scenario, const Catalog& catalog,
                           const ProgressFn& progress, StepsFor steps_for, const Plugins& plugins);

}  // namespace blis
