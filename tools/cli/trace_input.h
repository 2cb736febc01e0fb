// What the commands of `blis trace` read.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/options.h"
#include "workloads/workload_spec.h"

namespace blis {

// The trace that is the command's argument, read as its options say. Its kind is TraceSpec. Throws
// InputError (usage).
WorkloadSpec trace_workload(const Invocation& invocation);

// The workload of the scenario that is the command's argument, which needs no model and no hardware.
WorkloadSpec scenario_workload(const Invocation& invocation);

// On stderr, unless --quiet.
void print_warnings(const Invocation& invocation, const std::vector<std::string>& warnings);

}  // namespace blis
