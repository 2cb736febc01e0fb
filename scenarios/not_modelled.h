// What a scenario asks of the engine that is not simulated here, beside what its model has.
#pragma once

#include <string_view>

#include "scenarios/resolved_scenario.h"

namespace blis {

// The hint of what --allow-unmodelled cannot help.
constexpr std::string_view kNothingRemains =
    "--allow-unmodelled does not help: without it, nothing is left that could be simulated";

// That this vLLM runs its first engine, V0; settings that are not simulated, alone or together (gaps.h); what
// a command line asked for that the scenario leaves out (`left_out`). Refused (not_modelled), or, where the
// user allows it, left out and noted in ResolvedScenario::not_modelled. Needs the version, the GPU, the model
// as the engine loads it and the settings as they were given.
void take_not_modelled(ResolvedScenario& d);

// The loud warning of a scenario that runs although something is left out, before all others.
void warn_of_what_is_left_out(ResolvedScenario& d);

}  // namespace blis
