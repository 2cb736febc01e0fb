// Scenarios of tests: a text, and what `--set` would change in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/build.h"

namespace blis {

inline std::vector<Override> overrides_of(const std::vector<std::string>& settings) {
  std::vector<Override> overrides;
  for (const std::string& setting : settings) overrides.push_back(parse_override(setting));
  return overrides;
}

inline ScenarioSettings parsed(std::string_view text, const std::vector<std::string>& settings,
                               const std::string& folder = "") {
  return parse_settings(text, "s.yaml", folder, overrides_of(settings));
}

// With the shipped catalog.
inline ResolvedScenario resolved(std::string_view text, const std::vector<std::string>& settings) {
  return resolve(parsed(text, settings), Catalog(BLIS_SOURCE_DIR));
}

}  // namespace blis
