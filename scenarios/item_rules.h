// Images and other items in prompts: what encodes them, and how much of it a step may.
#pragma once

#include "scenarios/placed_error.h"
#include "scenarios/resolved_scenario.h"
#include "sim/vllm/encoder_cache.h"

namespace blis {

// Whether clients send images. What a trace's requests bring is not known before it is read.
bool sends_images(const ScenarioSettings& scenario);

// Whether requests' items are encoded: the model has a tower.
bool encodes_items(const ResolvedScenario& resolved);

// Requests with images for a model, or a latency model, that has no encoder; settings that vLLM refuses.
void check_items(const ResolvedScenario& resolved, Complaints& complaints);

// As vLLM's compute_encoder_budget (vllm/v1/core/encoder_cache_manager.py): a step's tokens, or the largest
// item. All 0 for a model without a tower.
EncoderLimits encoder_limits(const ResolvedScenario& resolved);

}  // namespace blis
