// The configuration keys of vector files about what a step may hold beside tokens: drafts, adapters, items,
// and the stages of a pipeline that it passes.
#pragma once

#include "sim/vllm/scheduler_config.h"
#include "tools/conform/json_fields.h"

namespace blis::conform {

// The keys that `f` has, over `scheduler`.
void read_step_keys(VectorFields& f, SchedulerConfig& scheduler);

// Into `json`, what differs from the defaults of SchedulerConfig.
void put_step_keys(const SchedulerConfig& scheduler, Json& json);

}  // namespace blis::conform
