// The event loop: requests from a source, through a router, to engines, to a result.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "sim/latency_model.h"
#include "sim/request_source.h"
#include "sim/run_result.h"
#include "sim/scheduler_config.h"
#include "sim/step_reader.h"
#include "sim/sustained_clock.h"

namespace blis {

// What happens to a request whose prompt and output do not fit max_model_len.
enum class OverLength : std::uint8_t {
  reject,  // a prompt that leaves no room for a token is refused; an output is cut where vLLM cuts
           // it. Both are counted
  clip,    // the prompt is cut to leave room for its whole output, if that is possible at all
  skip,    // dropped before it is sent, and counted
};

struct SimulationConfig {
  SchedulerConfig scheduler;
  int replicas = 1;
  std::string_view router = "round_robin";  // a row of kRouters
  Duration api_latency{0};                  // client's send to the engine's input queue: HTTP, tokenizer
  Duration api_latency_per_sequence{0};     // more for each request that the API server is streaming then
  SustainedClockConfig clock;               // of the GPUs of each replica
  OverLength over_length = OverLength::reject;
  std::vector<int> cuda_graph_sizes;  // ascending; empty: steps run without graphs
  int attention_window = 0;           // for StepShape::window_context; 0: none
  int data_parallel_ranks = 1;        // of one engine, in lockstep; each has the blocks of `scheduler`
  int pipeline_stages = 1;            // a batch passes so many, one step's cost each; batches overlap
  std::vector<double> acceptance;     // share of steps that accept the draft at each position; falling
  std::uint64_t seed = 0;             // for draft acceptance and routing
  bool run_ahead = true;              // false: every step takes the plain path (same decisions; for checking)
};

struct Progress {
  std::uint64_t finished = 0;             // requests with an outcome
  std::optional<std::uint64_t> expected;  // RequestSource::expected
  Time now{};
};

// Called every few milliseconds of work; must be cheap. Returning false stops the run cleanly:
// what has not ended is `unfinished`, and RunResult::interrupted is set.
using ProgressFn = std::function<bool(const Progress&)>;

// Runs until the source is exhausted and every request has an outcome. Deterministic: equal
// arguments give equal results. Throws what the source throws. A reader of `folding` that has read
// pieces by then has still to be given the rest, with StepReader::finish.
RunResult simulate(const SimulationConfig& config, const LatencyModel& latency, RequestSource& source,
                   const ProgressFn& progress = {}, const Folding& folding = {});

}  // namespace blis
