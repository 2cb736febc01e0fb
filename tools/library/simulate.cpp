#include "blis/simulate.hpp"

#include "tools/library/catalog.h"
#include "tools/simulate/simulate_scenario.h"

namespace blis {

Report simulate(const Scenario& scenario, const SimulateOptions& options) {
  return Report(simulate_scenario(scenario.settings(), catalog_in(options.data_folder), options.progress,
                                  options.steps_for));
}

}  // namespace blis
