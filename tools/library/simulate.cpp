#include "blis/simulate.hpp"

#include "blis/plugins.hpp"
#include "tools/library/catalog.h"
#include "tools/simulate/plugged.h"

namespace blis {

Report simulate(const Scenario& scenario, const SimulateOptions& options) {
  return Report(simulate_scenario(scenario.settings(), catalog_in(options.data_folder), options.progress,
                                  options.steps_for));
}

Report simulate(const Scenario& scenario, const Plugins& plugins, const SimulateOptions& options) {
  return Report(simulate_plugged(scenario.settings(), catalog_in(options.data_folder), options.progress,
                                 options.steps_for, plugins));
}

}  // namespace blis
