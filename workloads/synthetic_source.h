// Generated traffic as a source of requests.
#pragma once

#include <memory>

#include "workloads/workload.h"

namespace blis {

// Equal specs and seeds give equal requests on every machine. Throws InputError (usage) for values
// out of range.
std::unique_ptr<WorkloadSource> open_synthetic_source(const SyntheticSpec& spec, std::uint64_t seed);

}  // namespace blis
