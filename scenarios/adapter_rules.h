// LoRA adapters and grammars of a scenario: what requests ask for and what the engine has.
#pragma once

#include "scenarios/placed_error.h"
#include "scenarios/resolved_scenario.h"
#include "sim/vllm/adapter_slots.h"

namespace blis {

// Requests that name an adapter which is not listed, or need a grammar whose time nobody has said; slots that
// vLLM would not start with.
void check_adapters(const ResolvedScenario& resolved, Complaints& complaints);

// No slots without `engine.lora`.
AdapterCosts adapter_costs(const EngineSettings& engine);

// All names that the workload's `loras` may have, by AdapterIndex from 1 on: those of the engine; where there
// is none, those that clients name.
std::vector<std::string> adapter_names(const ScenarioSettings& scenario);

}  // namespace blis
