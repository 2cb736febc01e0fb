// Deployment files as the file of a scenario, which leaves the traffic open.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace blis {

struct ImportedDeployment {
  std::string yaml;                 // of the scenario, each line with where it came from
  std::vector<std::string> notes;   // what was assumed, or is still missing
  std::vector<std::string> unused;  // what of the files no scenario can say
};

// The engine of these files, or the one called `wanted` where there are several. `more` are settings that
// win. `folder` is where the scenario's file will lie. Throws InputError: io if a file cannot be read; usage
// if there is no engine in them, or more than one; not_modelled as imported_scenario does.
ImportedDeployment imported_deployment(std::span<const std::string> files, const std::string& wanted,
                                       std::span<const Override> more, const std::string& folder);

}  // namespace blis
