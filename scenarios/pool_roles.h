// Which pools of a deployment go together.
#pragma once

#include <span>

#include "scenarios/placed_error.h"
#include "scenarios/resolved_scenario.h"

namespace blis {

// What does not fit together, at its key: roles, what they share, and settings that nobody uses. `pools` are
// those of the scenario, in its order.
void check_pool_roles(const ScenarioSettings& scenario, std::span<const ResolvedScenario> pools,
                      Complaints& complaints);

}  // namespace blis
