// One scenario from value to report: what run, replay and the golden tests have in common.
#pragma once

#include "scenarios/build.h"
#include "tools/simulate/report.h"

namespace blis {

// What will be made of the steps. A long run forgets its steps (see Folding), as far as that allows: pictures
// of forgotten ones are a little blurred, and single ones are gone.
enum class StepsFor : std::uint8_t { figures, pictures, themselves };

// Builds, simulates and summarizes; the warnings are those of the build, the workload and the result.
// Throws InputError. Stopped by `progress`, it reports what there is.
Report simulate_scenario(const Scenario& scenario, const Catalog& catalog, const ProgressFn& progress = {},
                         StepsFor steps_for = StepsFor::pictures);

// "llama-3.1-70b fp8 TP4 PP1 on 4x H100-SXM": the model, how it is stored and split, and the GPUs.
std::string describe_engine(const ResolvedScenario& resolved);

}  // namespace blis
