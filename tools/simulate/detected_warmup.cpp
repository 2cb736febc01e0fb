#include "tools/simulate/detected_warmup.h"

#include <fmt/format.h>

#include "scenarios/build.h"
#include "sim/warmup.h"

namespace blis {

DetectedWarmup detect_warmup(const ScenarioSettings& scenario, const Catalog& catalog,
                             const ProgressFn& progress) {
  DetectedWarmup result{.scenario = scenario, .note = "the warm-up is the scenario's own"};
  if (scenario.warmup.requests || scenario.warmup.duration_s) return result;
  const BuiltSimulation built = build(scenario, catalog);
  const Warmup found = detect_warmup(simulate(built.config, *built.source, progress, Folding{}));
  if (!found.settled) {
    result.note = "the run does not settle within its first half: no warm-up is left out";
  } else if (found.requests == 0) {
    result.note = "the run has no warm-up that would have to be left out";
  } else {
    result.scenario.warmup.requests = found.requests;
    result.note = fmt::format("the first {} requests are the warm-up and do not count", found.requests);
  }
  return result;
}

}  // namespace blis
