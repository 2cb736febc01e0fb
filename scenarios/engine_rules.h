// What vLLM makes of the settings it is given and of those it is not, and what it refuses to start with.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "scenarios/placed_error.h"
#include "scenarios/resolved_scenario.h"

namespace blis {

// Fills a setting that nobody made, and notes why it is what it is.
template <class T>
void fill(ScenarioSettings& scenario, std::optional<T>& field, T value, std::string_view key,
          std::string origin) {
  if (field) return;
  field = std::move(value);
  scenario.origins.insert_or_assign(std::string(key), std::move(origin));
}

// The model as the engine loads it: dtype and quantization, the checkpoint's own or applied on loading.
void apply_weights(ResolvedScenario& d, Complaints& complaints);

// The settings that nobody made: by the model, then by GPU and version. The first may find that only the
// user can say; the second needs max_model_len.
void fill_max_model_len(ResolvedScenario& d, Complaints& complaints);
void fill_engine_defaults(ResolvedScenario& d);

// Rows of the model's input that a draft model takes for each request, beside its tokens: taken off for the
// requests of a step, or, before that, once and for all for max_num_seqs requests.
int draft_slots(const ResolvedScenario& d);
bool slots_by_request(const ResolvedScenario& d);

// Whether a request decodes only in every so many calls as there are pipeline stages, beside others: runner
// V2 hands sampled tokens from the last stage to the first in as many slots (vllm#32359, vllm#42187). Needs
// all settings, as batch_queue_size() does: batches that the engine may have in flight.
bool decodes_in_turn(const EngineSettings& engine);
int batch_queue_size(const EngineSettings& engine);

// Whether the engine is one of several data-parallel ranks of a vLLM; and whether these take their steps
// together, so that they are one engine here: those of a model with experts, and before vllm#30739
// (2026-01-02) all.
bool has_ranks(const ResolvedScenario& d);
bool ranks_in_step(const ResolvedScenario& d);

// Whether vLLM computes what a failed load of KV did not bring, or fails the request.
bool recomputes_failed_loads(const ResolvedScenario& d);

// What vLLM's SchedulerConfig and ModelConfig refuse, and what is not simulated. Needs all settings.
void check_engine(ResolvedScenario& d, Complaints& complaints);

}  // namespace blis
