// Settings as others give them, as the reader takes them.
#pragma once

#include <span>
#include <vector>

#include "blis/scenario.hpp"
#include "scenarios/traffic_flags.h"

namespace blis {

inline Override override_of(const Setting& s) {
  return override_named(s.key, s.value, s.shown.empty() ? s.key + "=" + s.value : s.shown);
}

inline std::vector<Override> overrides_of(std::span<const Setting> settings) {
  std::vector<Override> overrides;
  for (const Setting& setting : settings) overrides.push_back(override_of(setting));
  return overrides;
}

}  // namespace blis
