// One scenario from value to report: what run, replay and the golden tests have in common.
#pragma once

#include "blis/simulate.hpp"
#include "scenarios/build.h"
#include "tools/simulate/report.h"

namespace blis {

// Builds, simulates and summarizes; the warnings are those of the build, the workload and the result.
// Throws InputError. Stopped by `progress`, it reports what there is.
RunReport simulate_scenario(const ScenarioSettings& scenario, const Catalog& catalog,
                            const ProgressFn& progress = {}, StepsFor steps_for = StepsFor::pictures);

// "llama-3.1-70b fp8 TP4 PP1 on 4x H100-SXM": the model, how it is stored and split, and the GPUs.
std::string describe_engine(const ResolvedScenario& resolved);

}  // namespace blis
