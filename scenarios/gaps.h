// What of the engine's settings, alone or together, is not simulated.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scenarios/resolved_scenario.h"

namespace blis {

struct Gap {
  std::string_view key;                             // whose place it has; kStoreKey: see there
  std::string (*found)(const ResolvedScenario& d);  // what is not simulated; empty: nobody asks for it
  std::string_view instead;                         // what is
  void (*leave_out)(ResolvedScenario& d);  // so that the rest runs; null: it runs as what it is nearest to
};

// Whichever sets a store of KV blocks.
constexpr std::string_view kStoreKey = "engine.kv_connector or engine.kv_offloading_size";

// In the order in which they are to be left out: none is found any more where one before it took its cause.
// They need the version, the model as the engine loads it and the settings as they were given.
std::span<const Gap> gaps();

}  // namespace blis
