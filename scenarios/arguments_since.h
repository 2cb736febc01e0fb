// Arguments of vLLM that came with a version, of those that change what is decided.
#pragma once

#include "scenarios/placed_error.h"
#include "scenarios/resolved_scenario.h"

namespace blis {

// Settings that the version is known not to have: it does not start with them. Needs the settings as they
// were given.
void check_arguments_since(const ResolvedScenario& d, Complaints& complaints);

}  // namespace blis
