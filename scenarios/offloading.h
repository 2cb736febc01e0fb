// Host memory as a home of KV blocks: vLLM's OffloadingConnector.
#pragma once

#include "scenarios/placed_error.h"
#include "scenarios/resolved_scenario.h"
#include "sim/vllm/external_store_config.h"

namespace blis {

// What vLLM does not start with.
void check_offloading(const ResolvedScenario& d, Complaints& complaints);

// The same once blocks have their size, and whether the memory is of use. Throws InputError.
void check_host_memory(const ResolvedScenario& d);

// The store, where there is a kv_offloading_size.
ExternalStoreConfig host_memory(const ResolvedScenario& d);

}  // namespace blis
