// Data-parallel ranks that are endpoints of their own, as vLLM's external load balancing has them.
#pragma once

#include "scenarios/placed_error.h"
#include "scenarios/resolved_scenario.h"

namespace blis {

// Whether a router chooses among the ranks of a vLLM, and not vLLM itself.
bool ranks_are_endpoints(const ResolvedScenario& d);

// How many endpoints an engine has: those of ranks that go in step are one engine's, of others each has its
// own.
int endpoints_of_engine(const ResolvedScenario& d);

// What vLLM refuses of it, and more endpoints than an engine can have here. Needs the version and the model.
void check_endpoints(const ResolvedScenario& d, Complaints& complaints);

}  // namespace blis
