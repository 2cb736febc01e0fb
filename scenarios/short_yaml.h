// A scenario as somebody would write it by hand.
#pragma once

#include <string>

#include "scenarios/scenario.h"

namespace blis {

// A scenario file of those keys alone whose origin is known, which each line ends with. Reading it gives the
// same scenario, if what the origins leave out has its defaults. `folder`: where the file will lie.
std::string short_yaml(const ScenarioSettings& scenario, const std::string& folder);

}  // namespace blis
