// The warm-up of a scenario, found by simulating it, as a setting of that scenario.
#pragma once

#include <string>

#include "blis/progress.hpp"
#include "scenarios/catalog.h"
#include "scenarios/scenario.h"

namespace blis {

struct DetectedWarmup {
  ScenarioSettings scenario;  // with `warmup.requests`, if there is something to leave out
  std::string note;           // what was found, a sentence without a full stop
};

// By sim/warmup.h. A scenario that has a `warmup` keeps it. Throws InputError as building and simulating do.
DetectedWarmup detect_warmup(const ScenarioSettings& scenario, const Catalog& catalog,
                             const ProgressFn& progress);

}  // namespace blis
