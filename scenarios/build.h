// From a scenario to a simulation that is ready to run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "roofline/explained_model.h"
#include "scenarios/catalog.h"
#include "scenarios/resolved_scenario.h"
#include "scenarios/scenario.h"
#include "sim/fleet/simulation.h"
#include "sim/metrics.h"
#include "sim/vllm/engine_config.h"
#include "workloads/workload.h"

namespace blis {

// simulate(built.config, *built.source) runs it; a source can be run once.
struct BuiltSimulation {
  ResolvedScenario resolved;                             // with the model, the GPU and the KV arithmetic
  std::unique_ptr<ExplainedModel> latency;               // of the first pool
  std::vector<std::unique_ptr<ExplainedModel>> further;  // of the other pools
  SimulationConfig config;                               // refers to the latency models
  std::unique_ptr<WorkloadSource> source;
  std::vector<std::string> warnings;  // known before the run; source->warnings() has more after it

  const ScenarioSettings& scenario() const { return resolved.scenario; }
};

// Reads the catalogs, opens the workload. Throws InputError: usage, infeasible (with the arithmetic), io.
BuiltSimulation build(const ScenarioSettings& scenario, const Catalog& catalog);

// The same from what has been looked up already. A `store`, which must outlive the source, shares the rows
// of traces with other runs.
BuiltSimulation build(ResolvedScenario resolved, TraceStore* store = nullptr);

// The parts, for those who need one of them.
EngineConfig engine_config(const ResolvedScenario& resolved);
// The pool of such engines, and a simulation of it alone; `latency` outlives them.
Pool pool_of(const ResolvedScenario& resolved, const LatencyModel& latency, Role role = Role::both);
SimulationConfig simulation_config(const ResolvedScenario& resolved, const LatencyModel& latency);
// The workload with paths as seen from the working folder, and the scenario's seed.
WorkloadSpec located_workload(const ScenarioSettings& scenario);
MetricsOptions metrics_options(const ScenarioSettings& scenario);

}  // namespace blis
