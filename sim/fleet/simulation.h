// The event loop: requests from a source, through a router, to engines, to a result.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "sim/latency_model.h"
#include "sim/progress.h"
#include "sim/request_source.h"
#include "sim/run_result.h"
#include "sim/step_reader.h"
#include "sim/vllm/engine_config.h"

namespace blis {

// What happens to a request whose prompt and output do not fit max_model_len.
enum class OverLength : std::uint8_t {
  reject,  // a prompt that leaves no room for a token is refused; an output is cut where vLLM cuts
           // it. Both are counted
  clip,    // the prompt is cut to leave room for its whole output, if that is possible at all
  skip,    // dropped before it is sent, and counted
};

struct SimulationConfig {
  EngineConfig engine;  // of each replica
  int replicas = 1;
  std::string_view router = "round_robin";  // a row of kRouters
  Duration api_latency{0};                  // client's send to the engine's input queue: HTTP, tokenizer
  Duration api_latency_per_sequence{0};     // more for each request that the API server is streaming then
  OverLength over_length = OverLength::reject;
  std::uint64_t seed = 0;  // for routing and draft acceptance
};

// Runs until the source is exhausted and every request has an outcome. Deterministic: equal
// arguments give equal results. Throws what the source throws. A reader of `folding` that has read
// pieces by then has still to be given the rest, with StepReader::finish.
RunResult simulate(const SimulationConfig& config, const LatencyModel& latency, RequestSource& source,
                   const ProgressFn& progress = {}, const Folding& folding = {});

}  // namespace blis
