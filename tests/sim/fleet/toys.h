// Small deployments for whole runs, and toys to run them with.
#pragma once

#include <utility>
#include <vector>

#include "sim/fleet/simulation.h"
#include "tests/sim/toys.h"

namespace blis {

// Eight sequences, 64 tokens a step, 200 blocks.
inline SimulationConfig small() {
  SimulationConfig config;
  config.engine.scheduler.max_num_seqs = 8;
  config.engine.scheduler.max_num_batched_tokens = 64;
  config.engine.scheduler.max_model_len = 512;
  config.engine.scheduler.num_blocks = 201;
  return config;
}

inline SimulationConfig asynchronous(SimulationConfig config) {
  config.engine.scheduler.async_scheduling = true;
  config.engine.scheduler.batch_queue_size = 2;
  return config;
}

inline RunResult run(const SimulationConfig& config, std::vector<ToyRequest> requests,
                     const LatencyModel& latency = FixedLatency{std::chrono::milliseconds{10}}) {
  ListSource source(std::move(requests));
  return simulate(config, latency, source);
}

inline SimulationConfig two_ranks() {
  SimulationConfig config = small();
  config.engine.data_parallel_ranks = 2;
  return config;
}

inline SimulationConfig pipeline(int stages) {
  SimulationConfig config = small();
  config.engine.scheduler.batch_queue_size = config.engine.pipeline_stages = stages;
  return config;
}

struct Variant {
  const char* name;
  SimulationConfig config;
};

// Configurations that between them preempt, chunk, cache, rank and overlap.
inline std::vector<Variant> variants() {
  SimulationConfig tight = small();
  tight.engine.scheduler.num_blocks = 40;
  tight.engine.scheduler.behaviour.reserve_full_isl = false;
  SimulationConfig uncached = tight;
  uncached.engine.scheduler.enable_prefix_caching = false;
  SimulationConfig priority = tight;
  priority.engine.scheduler.policy = "priority";
  SimulationConfig threshold = small();
  threshold.engine.scheduler.long_prefill_token_threshold = 20;
  SimulationConfig whole = small();
  whole.engine.scheduler.enable_chunked_prefill = false;
  whole.engine.scheduler.max_num_batched_tokens = 512;
  return {{"small", small()},
          {"tight", tight},
          {"uncached", uncached},
          {"priority", priority},
          {"threshold", threshold},
          {"whole prompts", whole},
          {"async", asynchronous(small())},
          {"tight, async", asynchronous(tight)},
          {"threshold, async", asynchronous(threshold)},
          {"two ranks, async", asynchronous(two_ranks())},
          {"pipeline", pipeline(3)}};
}

}  // namespace blis
