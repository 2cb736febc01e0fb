// Deployments of several pools: who serves what, and where the legs of a request go.
#include <gtest/gtest.h>

#include "blis/error.hpp"
#include "sim/fleet/pool.h"
#include "tests/sim/fleet/toy_engine.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

Pool toy_pool(Role role, int count, int max_model_len = 1000) {
  Pool pool;
  pool.role = role;
  pool.count = count;
  pool.engine = std::make_shared<Toy>(max_model_len);
  return pool;
}

TEST(Pools, AnEngineOfAnotherKindServesLikeVllm) {
  const RunResult result = run_pools({.pools = {toy_pool(Role::both, 1)}}, {toy(at_ms(5), 20, 10)});
  EXPECT_EQ(result.requests[0].outcome, Outcome::completed);
  EXPECT_EQ(result.requests[0].first_token, at_ms(5 + 21));
  EXPECT_EQ(result.requests[0].last_token, at_ms(5 + 30));
  EXPECT_TRUE(result.legs.records.empty()) << "nobody went through two pools";
}

// The same instances, in one pool or in several.
TEST(Pools, EqualPoolsAreOneLargerPool) {
  const FixedLatency latency{10ms};
  std::mt19937_64 rng(1);
  const std::vector<ToyRequest> requests = random_traffic(rng, 200, 100, 40, 8.0);
  for (const char* router :
       {"round_robin", "random", "least_requests", "power_of_two", "prefix", "cache_aware", "prefix_aware",
        "aibrix_prefix_cache", "dynamo_kv", "vllm_balance"}) {
    SCOPED_TRACE(router);
    OnePool four = small();
    four.replicas = 4;
    four.router = standard_router(router);
    SimulationConfig split = deployed(four, latency);
    split.pools[0].count = 1;
    split.pools.push_back(split.pools[0]);
    split.pools[1].count = 3;
    const RunResult a = run_pools(deployed(four, latency), requests), b = run_pools(split, requests);
    ASSERT_EQ(b.engines.size(), 4u);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      ASSERT_EQ(a.requests[i].replica, b.requests[i].replica) << i;
      ASSERT_EQ(a.requests[i].last_token, b.requests[i].last_token) << i;
    }
  }
}

TEST(Pools, AnInstanceRefusesWhatOnlyOthersCouldServe) {
  const SimulationConfig config{.pools = {toy_pool(Role::both, 1, 100), toy_pool(Role::both, 1, 1000)}};
  const RunResult result = run_pools(config, {toy(at_ms(0), 200, 10), toy(at_ms(1), 200, 10),
                                              toy(at_ms(2), 70, 10), toy(at_ms(3), 2000, 10)});
  const auto outcome = [&](std::size_t i) { return result.requests[i].outcome; };
  EXPECT_EQ(outcome(0), Outcome::too_long) << "in turn, it came to the smaller pool";
  EXPECT_EQ(outcome(1), Outcome::completed);
  EXPECT_EQ(outcome(2), Outcome::never_fits) << "the smaller pool has no blocks for it";
  EXPECT_EQ(outcome(3), Outcome::too_long) << "for every pool, so it takes nobody's turn";
}

// ---------------------------------------------------------------- two legs

SimulationConfig prefill_and_decode() {
  SimulationConfig config{.pools = {toy_pool(Role::prefill, 2), toy_pool(Role::decode, 1)}};
  config.pools[0].api.latency = 3ms;
  config.pools[1].api.latency = 2ms;
  return config;
}

TEST(Pools, ARequestIsAnsweredByTheSecondPoolWhenTheFirstHasItsPrompt) {
  const RunResult result = run_pools(prefill_and_decode(), {toy(at_ms(10), 20, 5), toy(at_ms(11), 50, 5)});
  ASSERT_EQ(result.requests.size(), 2u);
  const RequestRecord& request = result.requests[0];
  EXPECT_EQ(request.arrival, at_ms(10));
  EXPECT_EQ(request.visible, at_ms(10 + 3 + 21 + 2));
  EXPECT_EQ(request.replica, 2);
  EXPECT_EQ(request.output_tokens, 5);
  EXPECT_EQ(request.last_token, request.visible + 25ms);

  ASSERT_EQ(result.legs.records.size(), 2u);
  const RequestRecord& leg = result.legs.records[1];
  EXPECT_EQ(result.legs.requests, (std::vector<RequestIndex>{0, 1}));
  EXPECT_EQ(leg.replica, 1);
  EXPECT_EQ(leg.arrival, at_ms(11));
  EXPECT_EQ(leg.output_tokens, 1) << "which nobody sees";
  EXPECT_EQ(leg.last_token, at_ms(11 + 3 + 51));
}

TEST(Pools, WhoGivesUpDuringTheFirstLegNeverReachesTheSecond) {
  std::vector<ToyRequest> requests{toy(at_ms(0), 100, 5), toy(at_ms(0), 10, 5)};
  requests[0].spec.timeout = 50ms;
  requests[1].spec.timeout = 50ms;
  const RunResult result = run_pools(prefill_and_decode(), requests);
  EXPECT_EQ(result.requests[0].outcome, Outcome::aborted);
  EXPECT_EQ(result.requests[0].ended, at_ms(50));
  EXPECT_EQ(result.requests[0].visible, kUnset);
  EXPECT_EQ(result.legs.records[0].outcome, Outcome::aborted);
  EXPECT_EQ(result.requests[1].outcome, Outcome::completed);
}

TEST(Pools, WhoGivesUpDuringTheSecondLegHasHadTheFirst) {
  std::vector<ToyRequest> requests{toy(at_ms(0), 10, 300)};
  requests[0].spec.timeout = 50ms;
  const RunResult result = run_pools(prefill_and_decode(), requests);
  EXPECT_EQ(result.requests[0].outcome, Outcome::aborted);
  EXPECT_EQ(result.legs.records[0].outcome, Outcome::completed);
}

TEST(Pools, APromptThatThePrefillPoolCannotHoldIsRefusedThere) {
  SimulationConfig config{.pools = {toy_pool(Role::prefill, 1, 100), toy_pool(Role::decode, 1)}};
  const RunResult result = run_pools(config, {toy(at_ms(0), 70, 5), toy(at_ms(0), 30, 5)});
  EXPECT_EQ(result.requests[0].outcome, Outcome::never_fits);
  EXPECT_EQ(result.requests[1].outcome, Outcome::completed);
}

// Everything ends once, and the second leg begins when the first has ended.
TEST(PoolsProperty, LegsFollowEachOther) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    std::vector<ToyRequest> requests = random_traffic(rng, 100, 80, 60, 4.0);
    for (std::size_t i = 0; i < requests.size(); i += 3) requests[i].spec.timeout = 60ms;
    SimulationConfig config = prefill_and_decode();
    config.router = standard_router("least_requests");
    config.pools[1].count = 3;
    const RunResult result = run_pools(config, requests);
    ASSERT_EQ(result.legs.records.size(), requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const RequestRecord &request = result.requests[i], &leg = result.legs.records[i];
      ASSERT_EQ(result.legs.requests[i], i);
      ASSERT_NE(request.outcome, Outcome::unfinished);
      ASSERT_LT(leg.replica, 2);
      if (request.outcome == Outcome::completed) {
        ASSERT_EQ(leg.outcome, Outcome::completed);
        ASSERT_GE(request.visible, leg.last_token + 2ms);
        ASSERT_GE(request.replica, 2);
      }
    }
  }
}

// ---------------------------------------------------------------- what is refused

struct BadPools {
  const char* message;
  std::vector<Role> roles;
};
class RefusedPools : public testing::TestWithParam<BadPools> {};

TEST_P(RefusedPools, AreRefusedWithASentence) {
  std::vector<Pool> pools;
  for (const Role role : GetParam().roles) pools.push_back(toy_pool(role, 1));
  try {
    check_pools(pools);
    FAIL() << "nothing was refused";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find(GetParam().message), std::string::npos) << error.what();
  }
}
INSTANTIATE_TEST_SUITE_P(Table, RefusedPools,
                         testing::Values(BadPools{"without pools", {}},
                                         BadPools{"without each other", {Role::prefill}},
                                         BadPools{"without each other", {Role::decode}},
                                         BadPools{"without each other", {Role::both, Role::decode}},
                                         BadPools{"who decides", {Role::prefill, Role::decode, Role::both}}));

TEST(Pools, VllmIsNotSimulatedInARoleThatNeedsItsConnectors) {
  const FixedLatency latency{10ms};
  std::vector<Pool> pools = deployed(small(), latency).pools;
  EXPECT_NO_THROW(check_pools(pools));
  pools[0].role = Role::prefill;
  EXPECT_THROW(check_pools(pools), InputError);
}

}  // namespace
}  // namespace blis
