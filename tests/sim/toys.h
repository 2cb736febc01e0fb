// Toys for tests of the simulation: a latency with an obvious answer, and requests from a list.
#pragma once

#include <cstddef>
#include <random>
#include <utility>
#include <vector>

#include "sim/latency_model.h"
#include "sim/request_source.h"
#include "sim/simulation.h"

namespace blis {

// Every step takes as long.
class FixedLatency final : public LatencyModel {
 public:
  explicit FixedLatency(Duration step) : step_(step) {}
  StepCost step(const StepShape&) const override {
    StepCost cost;
    cost.total = cost.weights = Seconds{step_};
    return cost;
  }

 private:
  Duration step_;
};

// A step takes longer the more it does, in whole microseconds.
class WorkLatency final : public LatencyModel {
 public:
  StepCost step(const StepShape& s) const override {
    const std::int64_t us = 5000 + 20 * s.prefill_tokens + 10 * s.decodes + s.decode_context / 100;
    StepCost cost;
    cost.total = cost.compute = Seconds{static_cast<double>(us) * 1e-6};
    return cost;
  }
};

struct ToyRequest {
  RequestSpec spec;
  std::vector<ContentRun> prompt = {};
};

class ListSource final : public RequestSource {
 public:
  explicit ListSource(std::vector<ToyRequest> requests) : requests_(std::move(requests)) {}
  bool next(RequestSpec& spec) override {
    if (at_ == requests_.size()) return false;
    spec = requests_[at_].spec;
    spec.prompt = requests_[at_].prompt;
    ++at_;
    return true;
  }
  std::optional<std::uint64_t> expected() const override { return requests_.size(); }

 private:
  std::vector<ToyRequest> requests_;
  std::size_t at_ = 0;
};

constexpr Time at_ms(std::int64_t ms) {
  return Time{std::chrono::milliseconds{ms}};
}

inline ToyRequest toy(Time arrival, int prompt, int output) {
  ToyRequest r;
  r.spec.arrival = arrival;
  r.spec.prompt_tokens = prompt;
  r.spec.output_tokens = output;
  return r;
}

// Poisson-like arrivals of requests of all sizes up to the given ones; some share prefixes.
inline std::vector<ToyRequest> random_traffic(std::mt19937_64& rng, int count, int max_prompt, int max_output,
                                              double mean_gap_ms) {
  const auto below = [&rng](int n) { return static_cast<int>(rng() % static_cast<std::uint64_t>(n)); };
  std::vector<ToyRequest> all;
  double now = 0;
  for (int i = 0; i < count; ++i) {
    now += below(4) == 0 ? 0 : mean_gap_ms * below(2000) / 1000.0;
    ToyRequest r = toy(Time{Duration{static_cast<std::int64_t>(now * 1e6)}}, 1 + below(max_prompt),
                       1 + below(max_output));
    r.spec.priority = below(3);
    if (below(3) == 0) r.spec.max_tokens = r.spec.output_tokens + 1 + below(20);  // ends by EOS
    if (below(2) == 0) {
      const int shared = std::min(1 + below(max_prompt), r.spec.prompt_tokens);
      r.prompt.push_back({static_cast<ContentId>(1 + below(4)), shared});
      if (shared < r.spec.prompt_tokens) r.prompt.push_back({kPrivateContent, r.spec.prompt_tokens - shared});
    }
    all.push_back(std::move(r));
  }
  return all;
}

// Eight sequences, 64 tokens a step, 200 blocks.
inline SimulationConfig small() {
  SimulationConfig config;
  config.scheduler.max_num_seqs = 8;
  config.scheduler.max_num_batched_tokens = 64;
  config.scheduler.max_model_len = 512;
  config.scheduler.num_blocks = 201;
  return config;
}

inline SimulationConfig asynchronous(SimulationConfig config) {
  config.scheduler.async_scheduling = true;
  config.scheduler.batch_queue_size = 2;
  return config;
}

inline RunResult run(const SimulationConfig& config, std::vector<ToyRequest> requests,
                     const LatencyModel& latency = FixedLatency{std::chrono::milliseconds{10}}) {
  ListSource source(std::move(requests));
  return simulate(config, latency, source);
}

inline SimulationConfig two_ranks() {
  SimulationConfig config = small();
  config.data_parallel_ranks = 2;
  return config;
}

inline SimulationConfig pipeline(int stages) {
  SimulationConfig config = small();
  config.scheduler.batch_queue_size = config.pipeline_stages = stages;
  return config;
}

struct Variant {
  const char* name;
  SimulationConfig config;
};

// Configurations that between them preempt, chunk, cache, rank and overlap.
inline std::vector<Variant> variants() {
  SimulationConfig tight = small();
  tight.scheduler.num_blocks = 40;
  tight.scheduler.behaviour.reserve_full_isl = false;
  SimulationConfig uncached = tight;
  uncached.scheduler.enable_prefix_caching = false;
  SimulationConfig priority = tight;
  priority.scheduler.policy = "priority";
  SimulationConfig threshold = small();
  threshold.scheduler.long_prefill_token_threshold = 20;
  SimulationConfig whole = small();
  whole.scheduler.enable_chunked_prefill = false;
  whole.scheduler.max_num_batched_tokens = 512;
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
