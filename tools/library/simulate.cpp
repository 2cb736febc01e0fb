#include "blis/simulate.hpp"

#include <utility>

#include "blis/error.hpp"
#include "blis/plugins.hpp"
#include "tools/library/catalog.h"
#include "tools/simulate/detected_warmup.h"
#include "tools/simulate/plugged.h"

namespace blis {

Report simulate(const Scenario& scenario, const SimulateOptions& options) {
  const Catalog catalog = catalog_in(options.data_folder);
  const auto simulated = [&](const ScenarioSettings& settings) {
    return simulate_scenario(settings, catalog, options.progress, options.steps_for);
  };
  if (!options.detect_warmup) return Report(simulated(scenario.settings()));
  const DetectedWarmup detected = detect_warmup(scenario.settings(), catalog, options.progress);
  RunReport report = simulated(detected.scenario);
  report.warnings.insert(report.warnings.begin(), detected.note);
  return Report(std::move(report));
}

Report simulate(const Scenario& scenario, const Plugins& plugins, const SimulateOptions& options) {
  if (!plugins.step_time && !plugins.next_request && !plugins.choose_replica)
    return simulate(scenario, options);
  if (options.detect_warmup) {
    throw InputError(ErrorKind::usage, {.place = {"detect_warmup"},
                                        .message = "the warm-up of parts of one's own is not looked for",
                                        .hint = "`warmup: {requests: N}` in the scenario says it"});
  }
  return Report(simulate_plugged(scenario.settings(), catalog_in(options.data_folder), options.progress,
                                 options.steps_for, plugins));
}

}  // namespace blis
