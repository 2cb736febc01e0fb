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
void fill(Scenario& scenario, std::optional<T>& field, T value, std::string_view key, std::string origin) {
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

// Batches that the engine may have in flight. Needs all settings.
int batch_queue_size(const EngineSettings& engine);

// What vLLM's SchedulerConfig and ModelConfig refuse, and what is not simulated. Needs all settings.
void check_engine(ResolvedScenario& d, Complaints& complaints);

}  // namespace blis
