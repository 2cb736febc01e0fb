// Commands of a server and of a client as one scenario.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/scenario.h"
#include "tools/import/client_settings.h"

namespace blis {

struct ImportedScenario {
  ScenarioSettings settings;
  std::vector<std::string> notes;    // what was assumed
  std::vector<std::string> metrics;  // that the client prints
  std::vector<double> percentiles;
};

// The scenario that the two commands stand for; `more` are settings of whoever asks, which win: the GPU, and
// what no command says. Throws InputError: usage for what is wrong with a command, at its place, and for what
// remains unsaid; not_modelled for what changes the simulated thing, unless `more` allows it, and then it
// is `left_out` of the scenario.
ImportedScenario imported_scenario(std::string_view server, std::string_view client,
                                   std::span<const Override> more);

// What of a translation stands in the way, gathered; what is left out goes into the settings.
void take_lacking(Translation& translation, std::span<const Override> more);

}  // namespace blis
