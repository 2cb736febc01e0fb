// What vLLM's KV cache keeps of a model's layers: prefixes, windows, chunks, states; what it makes of the
// settings, and what it refuses.
#pragma once

#include "scenarios/placed_error.h"
#include "scenarios/resolved_scenario.h"

namespace blis {

// Whether some layers leave KV behind, so that it is a question what of it stays findable.
bool leaves_kv_behind(const ModelConfig& model);

// Whether KV blocks come from elsewhere, or go there.
bool connects(const ResolvedScenario& d);

// Whether layers that need not keep all of their context are groups of their own.
void apply_kv_manager(ResolvedScenario& d, Complaints& complaints);

// Whether the attention's kernels take blocks of this size.
void check_block_size(const ResolvedScenario& d, Complaints& complaints);

// The settings that nobody made, by model and version.
void fill_kv_defaults(ResolvedScenario& d);

// Needs all settings.
void check_kv(const ResolvedScenario& d, Complaints& complaints);

}  // namespace blis
