// Toys for tests of the simulation: a latency with an obvious answer, and requests from a list.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "sim/latency_model.h"
#include "sim/request_source.h"

namespace blis {

// Every step takes as long.
class FixedLatency final : public LatencyModel {
 public:
  explicit FixedLatency(Duration step) : step_(step) {}
  StepCost step(const StepShape&) const override {
    StepCost cost;
    cost.total = cost[CostPart::weights] = Seconds{step_};
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
    cost.total = cost[CostPart::compute] = Seconds{static_cast<double>(us) * 1e-6};
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

}  // namespace blis
