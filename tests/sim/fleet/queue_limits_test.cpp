// Whom an API server refuses, by what is queued behind it.
#include "sim/fleet/queue_limits.h"

#include <gtest/gtest.h>

#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using std::chrono::milliseconds;

std::vector<Outcome> outcomes(const RunResult& run) {
  std::vector<Outcome> all;
  for (const RequestRecord& r : run.requests) all.push_back(r.outcome);
  return all;
}

constexpr Outcome kAnswered = Outcome::completed, kRefused = Outcome::rejected;

TEST(QueueLimits, SoManyRequestsMayBeUnansweredAndNoMore) {
  // Steps take 10 ms: the first request is answered after 30 ms, the second after 40.
  const std::vector<ToyRequest> requests{toy(at_ms(0), 10, 3), toy(at_ms(1), 10, 3), toy(at_ms(29), 10, 1),
                                         toy(at_ms(30), 10, 1)};
  OnePool config = small();
  config.limits.requests = 2;
  EXPECT_EQ(outcomes(run(config, requests)), (std::vector{kAnswered, kAnswered, kRefused, kAnswered}));
  config.limits.requests = 3;
  EXPECT_EQ(outcomes(run(config, requests)), (std::vector{kAnswered, kAnswered, kAnswered, kAnswered}));
  config.limits.requests = 0;
  EXPECT_EQ(outcomes(run(config, requests)), (std::vector{kRefused, kRefused, kRefused, kRefused}));
}

TEST(QueueLimits, PromptsWithoutATokenCountWholeAndTheOneThatExceedsComesIn) {
  // 64 tokens a step: the first prompt is computed after 20 ms, whatever of it is by then.
  const std::vector<ToyRequest> requests{toy(at_ms(0), 100, 9), toy(at_ms(11), 100, 1), toy(at_ms(12), 10, 1),
                                         toy(at_ms(20), 10, 1)};
  OnePool config = small();
  config.limits.tokens = 101;
  EXPECT_EQ(outcomes(run(config, requests)), (std::vector{kAnswered, kAnswered, kRefused, kAnswered}));
  config.limits.tokens = 100;
  EXPECT_EQ(outcomes(run(config, requests)), (std::vector{kAnswered, kRefused, kRefused, kAnswered}));
  config.limits.tokens = 201;
  EXPECT_EQ(outcomes(run(config, requests)), (std::vector{kAnswered, kAnswered, kAnswered, kAnswered}));
}

TEST(QueueLimits, WhoGivesUpMakesRoomAtOnce) {
  std::vector<ToyRequest> requests{toy(at_ms(0), 10, 9), toy(at_ms(24), 10, 1), toy(at_ms(26), 10, 1)};
  requests[0].spec.timeout = milliseconds{25};
  OnePool config = small();
  config.limits.requests = 1;
  EXPECT_EQ(outcomes(run(config, requests)), (std::vector{Outcome::aborted, kRefused, kAnswered}));
}

TEST(QueueLimits, ARefusalIsAnsweredByTheServer) {
  OnePool config = small();
  config.api_latency = milliseconds{7};
  config.limits.requests = 1;
  const RunResult result = run(config, {toy(at_ms(0), 10, 9), toy(at_ms(20), 10, 1)});
  EXPECT_EQ(result.requests[1].outcome, kRefused);
  EXPECT_EQ(result.requests[1].ended, at_ms(27));
  EXPECT_EQ(result.requests[1].scheduled, kUnset);
}

// The rule in plain words, from the records of all that came before.
bool should_be_refused(const RunResult& run, std::size_t i, const QueueLimits& limits) {
  const RequestRecord& r = run.requests[i];
  std::int64_t requests = 0, tokens = 0;
  for (std::size_t j = 0; j < i; ++j) {
    const RequestRecord& other = run.requests[j];
    const bool elsewhere = other.replica != r.replica || other.outcome == Outcome::rejected;
    if (elsewhere || departure(other) <= r.arrival) continue;
    ++requests;
    const bool has_token = other.first_token != kUnset && other.first_token <= r.arrival;
    if (!has_token) tokens += other.input_tokens;
  }
  return (limits.requests && requests >= *limits.requests) || (limits.tokens && tokens >= *limits.tokens);
}

TEST(QueueLimits, RandomTrafficIsRefusedByTheRuleAlone) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    std::mt19937_64 rng(seed);
    const auto below = [&rng](int n) { return static_cast<int>(rng() % static_cast<std::uint64_t>(n)); };
    std::vector<Variant> all = variants();
    OnePool config = all[seed % all.size()].config;
    config.api_latency = milliseconds{below(2) * 3};
    config.replicas = 1 + below(2);
    if (below(3) > 0) config.limits.requests = 1 + below(12);
    if (below(3) > 0) config.limits.tokens = 20 + below(400);
    std::vector<ToyRequest> requests = random_traffic(rng, 120, 200, 30, 12);
    for (ToyRequest& request : requests) {
      if (below(6) == 0) request.spec.timeout = milliseconds{1 + below(200)};
    }
    const RunResult result = run(config, requests, WorkLatency{});
    for (std::size_t i = 0; i < result.requests.size(); ++i) {
      const bool refused = result.requests[i].outcome == Outcome::rejected;
      ASSERT_EQ(refused, should_be_refused(result, i, config.limits))
          << "seed " << seed << ", " << all[seed % all.size()].name << ", request " << i;
    }
  }
}

}  // namespace
}  // namespace blis
