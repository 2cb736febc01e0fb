// Small deployments for whole runs, and toys to run them with.
#pragma once

#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/fleet/simulation.h"
#include "sim/vllm/vllm.h"
#include "tests/sim/toys.h"

namespace blis {

// One pool of vLLM engines, and all that tests turn on it.
struct OnePool {
  EngineConfig engine;
  int replicas = 1;
  RouterConfig router{};
  Duration api_latency{0}, api_latency_per_sequence{0};
  QueueLimits limits{};
  OverLength over_length = OverLength::reject;
  std::uint64_t seed = 0;
};

inline SimulationConfig deployed(const OnePool& pool, const LatencyModel& latency) {
  SimulationConfig config{.pools = std::vector<Pool>(1),
                          .router = pool.router,
                          .over_length = pool.over_length,
                          .seed = pool.seed};
  config.pools[0].engine = vllm(pool.engine, latency);
  config.pools[0].count = pool.replicas;
  config.pools[0].api = {pool.api_latency, Duration{0}, pool.api_latency_per_sequence, pool.limits};
  return config;
}

inline RunResult simulate(const OnePool& pool, const LatencyModel& latency, RequestSource& source,
                          const ProgressFn& progress = {}, const Folding& folding = {}) {
  return simulate(deployed(pool, latency), source, progress, folding);
}

// A prompt that others may have, too.
inline ToyRequest known(Time arrival, ContentId content, int prompt, int output) {
  ToyRequest request = toy(arrival, prompt, output);
  request.prompt = {{content, prompt}};
  return request;
}

// The places of so many replicas, all of which serve.
inline std::vector<std::size_t> all_places(std::size_t replicas) {
  std::vector<std::size_t> places(replicas);
  std::iota(places.begin(), places.end(), std::size_t{0});
  return places;
}

// Whole milliseconds of simulated time.
inline std::int64_t ms(Time t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_start(t)).count();
}

// Eight sequences, 64 tokens a step, 200 blocks.
inline OnePool small() {
  OnePool config;
  config.engine.scheduler.max_num_seqs = 8;
  config.engine.scheduler.max_num_batched_tokens = 64;
  config.engine.scheduler.max_model_len = 512;
  config.engine.scheduler.num_blocks = 201;
  return config;
}

inline OnePool asynchronous(OnePool config) {
  config.engine.scheduler.async_scheduling = true;
  config.engine.scheduler.batch_queue_size = 2;
  return config;
}

inline RunResult run_pools(const SimulationConfig& config, std::vector<ToyRequest> requests) {
  ListSource source(std::move(requests));
  return simulate(config, source);
}
inline RunResult run(const OnePool& config, std::vector<ToyRequest> requests,
                     const LatencyModel& latency = FixedLatency{std::chrono::milliseconds{10}}) {
  ListSource source(std::move(requests));
  return simulate(config, latency, source);
}

inline OnePool two_ranks() {
  OnePool config = small();
  config.engine.data_parallel_ranks = 2;
  return config;
}

inline OnePool pipeline(int stages) {
  OnePool config = small();
  config.engine.scheduler.batch_queue_size = config.engine.pipeline_stages = stages;
  return config;
}

struct Variant {
  const char* name;
  OnePool config;
};

// Configurations that between them preempt, chunk, cache, rank and overlap.
inline std::vector<Variant> variants() {
  OnePool tight = small();
  tight.engine.scheduler.num_blocks = 40;
  tight.engine.scheduler.behaviour.reserve_full_isl = false;
  OnePool uncached = tight;
  uncached.engine.scheduler.enable_prefix_caching = false;
  OnePool priority = tight;
  priority.engine.scheduler.policy = "priority";
  OnePool threshold = small();
  threshold.engine.scheduler.long_prefill_token_threshold = 20;
  OnePool whole = small();
  whole.engine.scheduler.enable_chunked_prefill = false;
  whole.engine.scheduler.max_num_batched_tokens = 512;
  OnePool drafting = small();
  drafting.engine.scheduler.num_spec_tokens = drafting.engine.scheduler.spec_lookahead = 3;
  drafting.engine.scheduler.use_eagle = true;
  drafting.engine.acceptance = {0.8, 0.5, 0.3};
  OnePool tight_drafting = drafting;
  tight_drafting.engine.scheduler.num_blocks = 40;
  tight_drafting.engine.scheduler.behaviour.reserve_full_isl = false;
  OnePool fewer_drafts = drafting;
  fewer_drafts.engine.scheduler.drafts_by_batch_size = {3, 3, 3, 2, 2, 1, 0};
  return {{"drafts", drafting},
          {"drafts, async", asynchronous(drafting)},
          {"drafts, tight", tight_drafting},
          {"drafts, tight, async", asynchronous(tight_drafting)},
          {"drafts by batch size, async", asynchronous(fewer_drafts)},
          {"small", small()},
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
