// What a scenario asks of the engine that is not simulated here, beside what its model has.
#pragma once

#include <vector>

#include "blis/error.hpp"
#include "scenarios/resolved_scenario.h"

namespace blis {

// A problem for each: that this vLLM runs its first engine, V0, and what a command line asked for that the
// scenario leaves out (`left_out`). Needs the version, the GPU and the settings as they were given.
std::vector<Problem> not_modelled(const ResolvedScenario& d);

}  // namespace blis
