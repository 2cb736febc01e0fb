// Checks that a workload's values are in range, so that what opens it need not.
#pragma once

#include <optional>

#include "blis/error.hpp"
#include "workloads/workload_spec.h"

namespace blis {

// Throw one InputError (usage) with every problem; a problem's place is the path of its key, as in
// `workload.clients[1].arrival.request_rate`.
void check(const TraceSpec& spec);
void check(const SyntheticSpec& spec);

// What keeps draws from lying in [low, high], if anything does; without a place.
std::optional<Problem> mistake_in(const Distribution& distribution, double low, double high);

}  // namespace blis
