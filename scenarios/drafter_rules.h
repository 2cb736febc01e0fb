// What makes the drafts of a scenario.
#pragma once

#include "scenarios/catalog.h"
#include "scenarios/resolved_scenario.h"

namespace blis {

// No layers where drafts are looked up. What of a drafter is not known is said in `warnings`; throws
// InputError for a model that is not there, or cannot be served with the scenario's parallelism.
Drafter find_drafter(const ResolvedScenario& resolved, const Catalog& catalog,
                     std::vector<std::string>& warnings);

// Whether the model predicts several tokens with several modules, each for one of them.
bool several_modules(const ResolvedScenario& resolved);

}  // namespace blis
