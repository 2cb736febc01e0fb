// What stands before the router takes time, and keeps requests meanwhile.
#include <gtest/gtest.h>

#include "sim/metrics.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

SimulationConfig behind_gateway(const OnePool& pool, const LatencyModel& latency, GatewayConfig gateway) {
  SimulationConfig config = deployed(pool, latency);
  config.gateway = gateway;
  return config;
}

TEST(Gateway, DelaysWhatTheEngineSeesByItsTimeAndThatOfTheTokens) {
  const FixedLatency latency{10ms};
  const RunResult result = run_pools(behind_gateway(small(), latency, {.latency = 4ms, .per_token = 100us}),
                                     {toy(at_ms(5), 20, 2)});
  EXPECT_EQ(result.requests[0].arrival, at_ms(5));
  EXPECT_EQ(result.requests[0].visible, at_ms(5 + 4 + 2));
  EXPECT_EQ(result.requests[0].first_token, at_ms(5 + 4 + 2 + 10));
}

TEST(Gateway, TheEngineIsChosenWhenItsTimeHasPassed) {
  OnePool pool = small();
  pool.replicas = 2;
  pool.router = standard_router("least_requests");
  const FixedLatency latency{10ms};
  // 0 is answered at 14 ms, and 1 at 34. Request 2 comes at 12 and is sent at 16.
  const RunResult result = run_pools(behind_gateway(pool, latency, {.latency = 4ms}),
                                     {toy(at_ms(0), 10, 1), toy(at_ms(0), 10, 3), toy(at_ms(12), 10, 1)});
  EXPECT_EQ(result.requests[2].replica, 0);
}

TEST(Gateway, WhoGivesUpThereIsNeverSent) {
  ToyRequest impatient = toy(at_ms(0), 10, 1);
  impatient.spec.timeout = 3ms;
  const FixedLatency latency{10ms};
  const RunResult result =
      run_pools(behind_gateway(small(), latency, {.latency = 4ms}), {impatient, toy(at_ms(0), 10, 1)});
  EXPECT_EQ(result.requests[0].outcome, Outcome::aborted);
  EXPECT_EQ(result.requests[0].ended, at_ms(3));
  EXPECT_EQ(result.requests[0].visible, kUnset);
  EXPECT_EQ(result.requests[1].outcome, Outcome::completed);
  EXPECT_EQ(summarize(result).outcomes[static_cast<std::size_t>(Outcome::aborted)], 1);
}

// Equal time for everybody is no different from sending later.
TEST(GatewayProperty, IsAShiftOfArrivals) {
  for (const char* router : {"round_robin", "least_requests", "cache_aware"}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      SCOPED_TRACE(testing::Message() << router << ", seed " << seed);
      std::mt19937_64 rng(seed);
      const std::vector<ToyRequest> requests = random_traffic(rng, 150, 100, 40, 8.0);
      std::vector<ToyRequest> later = requests;
      for (ToyRequest& r : later) r.spec.arrival += 7ms;
      OnePool pool = small();
      pool.replicas = 3;
      pool.router = standard_router(router);
      const WorkLatency latency;
      const RunResult a = run_pools(behind_gateway(pool, latency, {.latency = 7ms}), requests);
      const RunResult b = run_pools(behind_gateway(pool, latency, {}), later);
      for (std::size_t i = 0; i < requests.size(); ++i) {
        ASSERT_EQ(a.requests[i].replica, b.requests[i].replica) << i;
        ASSERT_EQ(a.requests[i].last_token, b.requests[i].last_token) << i;
      }
    }
  }
}

// What precise events tell is what an admission finds.
TEST(CachedTokens, AreWhatARequestSentNowWouldFind) {
  OnePool pool = small();
  const FixedLatency latency{10ms};
  const std::shared_ptr<const EngineType> engine = vllm(pool.engine, latency);
  LargeVector<RequestRecord> records;
  records.resize(2);
  const Folding folding;
  const auto instance = engine->start({0, 0, records, folding});
  const std::vector<ContentRun> prompt{{5, 48}, {6, 12}}, other{{5, 40}, {7, 30}};
  RequestSpec spec{.prompt_tokens = 60, .output_tokens = 1, .prompt = prompt};
  EXPECT_EQ(instance->cached_tokens(spec), 0);
  std::vector<RequestIndex> ended;
  instance->send(0, spec, at_ms(0));
  instance->run(at_ms(100), ended, false);
  EXPECT_EQ(instance->cached_tokens(spec), 48);
  spec.prompt = other;
  EXPECT_EQ(instance->cached_tokens(spec), 32);
  spec.cache_salt = 9;
  EXPECT_EQ(instance->cached_tokens(spec), 0);
}

TEST(Gateway, WhatIsSentWhileTheClientStartsArrivesWhenItHasStarted) {
  const FixedLatency latency{10ms};
  const RunResult result = run_pools(behind_gateway(small(), latency, {.opens = at_ms(100)}),
                                     {toy(at_ms(0), 10, 1), toy(at_ms(30), 10, 1), toy(at_ms(200), 10, 1)});
  EXPECT_EQ(result.requests[0].visible, at_ms(100));
  EXPECT_EQ(result.requests[1].visible, at_ms(100));
  EXPECT_EQ(result.requests[2].visible, at_ms(200));
  EXPECT_EQ(result.requests[1].arrival, at_ms(30));  // which its TTFT counts from
}

}  // namespace
}  // namespace blis
