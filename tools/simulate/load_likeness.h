// Whether an imitation of traffic loads a deployment as the traffic itself does.
#pragma once

#include <string>
#include <vector>

#include "blis/simulate.hpp"
#include "scenarios/catalog.h"
#include "scenarios/scenario.h"
#include "workloads/workload_spec.h"

namespace blis {

// Simulates both, of each the first 200,000 requests at most, and returns sentences without a full stop: p50
// and p99 of TTFT and E2E latency of both, the prefix caches' hit rates, and which of them are more than 10 %
// apart. The workload of `deployment` is not used. Throws InputError.
std::vector<std::string> load_likeness(ScenarioSettings deployment, const WorkloadSpec& traffic,
                                       const WorkloadSpec& imitation, const Catalog& catalog);

}  // namespace blis
