// Pools of a scenario: each is a scenario of its own with what it does not say taken from the whole.
#pragma once

#include <cstddef>

#include "scenarios/document.h"
#include "scenarios/scenario.h"

namespace blis {

// Gives each pool of a document what it does not say of `hardware`, `engine` and `latency` and the document
// does.
void fill_pools(Node& root);

// The scenario that has nothing but this pool; values come from where they were written for it.
ScenarioSettings pool_scenario(const ScenarioSettings& scenario, std::size_t pool);

// Takes a pool's settings, resolved, back into the whole.
void take_back(ScenarioSettings& scenario, std::size_t pool, const ScenarioSettings& resolved);

}  // namespace blis
