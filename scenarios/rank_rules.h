// Which data-parallel ranks are endpoints: all together, each, or those of a node, as vLLM's internal,
// external and hybrid load balancing have them.
#pragma once

#include "scenarios/placed_error.h"
#include "scenarios/resolved_scenario.h"

namespace blis {

// Whether a router chooses among the ranks of a vLLM, or among nodes with some of them, and not vLLM alone.
bool has_endpoints(const ResolvedScenario& d);

// How many endpoints an engine has: those of ranks that go in step are one engine's, of others each has its
// own; and how many ranks each of them has.
int endpoints_of_engine(const ResolvedScenario& d);
int ranks_of_endpoint(const ResolvedScenario& d);

// What vLLM refuses of it, and more endpoints than an engine can have here. Needs the version and the model.
void check_endpoints(const ResolvedScenario& d, Complaints& complaints);

}  // namespace blis
