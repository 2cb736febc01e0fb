// Images in prompts: when they are encoded, and who is refused.
#include <gtest/gtest.h>

#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

// A step of 10 ms, and a millisecond for each ten embeddings that it encodes.
class EncodingLatency final : public LatencyModel {
 public:
  StepCost step(const StepShape& shape) const override {
    StepCost cost;
    cost.total = cost[CostPart::compute] = Seconds{0.010 + 1e-4 * static_cast<double>(shape.encoded)};
    return cost;
  }
};

struct ShownRequest {
  ToyRequest toy;
  std::vector<MultimodalItem> items = {};
};

class ShownSource final : public RequestSource {
 public:
  explicit ShownSource(std::vector<ShownRequest> requests) : requests_(std::move(requests)) {}
  bool next(RequestSpec& spec) override {
    if (at_ == requests_.size()) return false;
    spec = requests_[at_].toy.spec;
    spec.prompt = requests_[at_].toy.prompt;
    spec.items = requests_[at_].items;
    ++at_;
    return true;
  }

 private:
  std::vector<ShownRequest> requests_;
  std::size_t at_ = 0;
};

RunResult run(const OnePool& config, std::vector<ShownRequest> requests) {
  ShownSource source(std::move(requests));
  const EncodingLatency latency;
  return simulate(config, latency, source);
}

// Text of so many tokens around an image at `offset`.
ShownRequest shown(Time arrival, int prompt, int offset, int tokens, std::uint64_t hash) {
  ShownRequest request{.toy = toy(arrival, prompt, 2)};
  if (offset > 0) request.toy.prompt.push_back({kPrivateContent, offset});
  request.toy.prompt.push_back({hash, tokens});
  if (prompt > offset + tokens) request.toy.prompt.push_back({kPrivateContent, prompt - offset - tokens});
  request.items = {{offset, tokens, hash}};
  return request;
}

OnePool with_encoder(OnePool config, int budget) {
  config.engine.scheduler.encoder = {.compute_budget = budget, .cache_size = budget};
  return config;
}

TEST(Items, AreEncodedInTheStepThatReachesThem) {
  const RunResult result = run(with_encoder(small(), 64), {shown(at_ms(0), 60, 10, 40, 7)});
  EXPECT_EQ(ms(result.requests[0].first_token), 14) << "40 embeddings take 4 ms beside the step's 10";
  EXPECT_EQ(ms(result.requests[0].last_token), 24);
}

TEST(Items, EqualOnesAreEncodedOnceAndTheirBlocksFound) {
  const RunResult result =
      run(with_encoder(small(), 64),
          {shown(at_ms(0), 60, 0, 48, 7), shown(at_ms(100), 60, 0, 48, 7), shown(at_ms(200), 60, 0, 48, 8)});
  EXPECT_EQ(result.requests[1].hit_tokens, 48);
  EXPECT_EQ(ms(result.requests[1].first_token), 110);
  EXPECT_EQ(result.requests[2].hit_tokens, 0);
  EXPECT_EQ(ms(result.requests[2].first_token), 214);
}

TEST(Items, AStepEncodesNoMoreThanItsBudget) {
  // Two images of 40 do not fit a step's 64 embeddings: the second request waits for the next step.
  const RunResult result =
      run(with_encoder(small(), 64), {shown(at_ms(0), 41, 0, 40, 7), shown(at_ms(0), 41, 0, 40, 8)});
  EXPECT_LT(result.requests[0].first_token, result.requests[1].first_token);
}

TEST(Items, OneLargerThanTheEncodersCacheIsRefused) {
  const RunResult result =
      run(with_encoder(small(), 64), {shown(at_ms(0), 100, 0, 65, 7), shown(at_ms(0), 100, 0, 64, 7)});
  EXPECT_EQ(result.requests[0].outcome, Outcome::never_fits);
  EXPECT_EQ(result.requests[1].outcome, Outcome::completed);
  EXPECT_EQ(run(small(), {shown(at_ms(0), 100, 0, 1, 7)}).requests[0].outcome, Outcome::never_fits)
      << "without an encoder, any";
}

TEST(Items, RunningAheadChangesNothing) {
  const std::vector<OnePool> pools{small(), asynchronous(small()), two_ranks(), pipeline(3)};
  for (std::size_t p = 0; p < pools.size(); ++p) {
    for (std::uint64_t seed = 0; seed < 15; ++seed) {
      SCOPED_TRACE(testing::Message() << "pool " << p << ", seed " << seed);
      std::mt19937_64 rng(seed);
      const auto below = [&rng](int n) { return static_cast<int>(rng() % static_cast<std::uint64_t>(n)); };
      OnePool config = with_encoder(pools[p], 40 + below(60));
      config.engine.scheduler.encoder.disable_chunked_mm_input = below(3) == 0;
      std::vector<ShownRequest> requests;
      Time at{};
      for (int i = 0; i < 80; ++i) {
        at += std::chrono::milliseconds{below(25)};
        const int offset = below(30), tokens = 1 + below(40);
        ShownRequest request = shown(at, offset + tokens + below(50), offset, tokens,
                                     static_cast<std::uint64_t>(100 * (1 + below(5)) + tokens));
        if (below(3) == 0) request.toy.prompt.clear(), request.items.clear();
        request.toy.spec.output_tokens = 1 + below(40);
        requests.push_back(request);
      }
      const RunResult ahead = run(config, requests);
      config.engine.run_ahead = false;
      const RunResult plain = run(config, requests);
      for (std::size_t i = 0; i < requests.size(); ++i) {
        ASSERT_EQ(ahead.requests[i].outcome, Outcome::completed) << i;
        ASSERT_EQ(ahead.requests[i].scheduled, plain.requests[i].scheduled) << i;
        ASSERT_EQ(ahead.requests[i].first_token, plain.requests[i].first_token) << i;
        ASSERT_EQ(ahead.requests[i].last_token, plain.requests[i].last_token) << i;
      }
    }
  }
}

}  // namespace
}  // namespace blis
