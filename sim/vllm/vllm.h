// vLLM as the engine of a pool.
#pragma once

#include <memory>

#include "sim/engine_type.h"
#include "sim/latency_model.h"
#include "sim/vllm/engine_config.h"

namespace blis {

// vLLM V1 with this configuration, its steps priced by `latency`, which outlives it.
std::shared_ptr<const EngineType> vllm(EngineConfig config, const LatencyModel& latency);

}  // namespace blis
