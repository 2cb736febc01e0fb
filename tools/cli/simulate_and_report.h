// One scenario, one result: what `blis run` does once the scenario is known.
#pragma once

#include <functional>
#include <string>

#include "blis/report.hpp"
#include "blis/scenario.hpp"
#include "tools/cli/options.h"

namespace blis {

// What a command prints where no --output-format says otherwise.
struct RunText {
  std::function<std::string(const Report& report)> write;
  bool needs_steps = false;  // all of them, as they were
};

// Simulates, says warnings, and writes what the options of the groups `format`, `output` and `detail` ask
// for.
ExitCode simulate_and_report(const Invocation& invocation, const Scenario& scenario, const RunText& text);

}  // namespace blis
