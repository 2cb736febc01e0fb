// Whether what a run keeps fits the memory there is: said before hours are spent on it.
#pragma once

#include <cstdint>
#include <optional>

#include "workloads/workload_spec.h"

namespace blis {

// Of a finished request, until the end of the run: its record, and its place in what figures are computed
// from. Measured: 10 million requests take 2 GB.
constexpr double kBytesPerRequest = 200;

// Bytes that this process can still have, by what the machine has free, its control group and its limits.
// Nothing where the system does not say.
std::optional<double> available_memory();

// Throws InputError (usage), with the arithmetic, if `runs` of this workload at a time need more than
// `available`. Of traces, and of closed loops bounded by time, nobody knows before.
void require_memory(const WorkloadSpec& workload, int runs, std::optional<double> available);

}  // namespace blis
