// Which release of vLLM first had which way of making drafts on its engine V1.
#pragma once

#include <string>

#include "scenarios/resolved_scenario.h"

namespace blis {

// Why the version that was asked for cannot make the drafts that were asked for; empty: it can, or nobody
// knows that it cannot. Needs the version, the model and the settings as they were given.
std::string lacks_drafts(const ResolvedScenario& d);

}  // namespace blis
