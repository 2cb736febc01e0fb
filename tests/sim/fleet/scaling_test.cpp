// Pools whose replicas come and go, in whole runs.
#include <gtest/gtest.h>

#include "blis/error.hpp"
#include "sim/fleet/pool.h"
#include "tests/sim/fleet/same_requests.h"
#include "tests/sim/fleet/toy_engine.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

ScalingConfig by_requests(double for_each, int least, int most) {
  ScalingConfig config{.min_replicas = least, .max_replicas = most, .startup = 20s};
  config.hpa.metrics = {{ScalingMetric::running_requests, for_each, true}};
  return config;
}

// Asks every second, starts in a second, and holds nothing back.
ScalingConfig restless(double for_each, int least, int most) {
  ScalingConfig config = by_requests(for_each, least, most);
  config.period = config.startup = 1s;
  config.hpa.down.window = Duration{0};
  return config;
}

Pool toy_pool(const ScalingConfig& scaling, int count) {
  Pool pool;
  pool.engine = std::make_shared<Toy>(100'000'000);
  pool.count = count;
  pool.scaling = scaling;
  return pool;
}

SimulationConfig one_pool(const Pool& pool) {
  return {.pools = {pool}, .router = standard_router("least_requests")};
}

RunResult run(const SimulationConfig& config, std::vector<ToyRequest> requests) {
  ListSource source(std::move(requests));
  return simulate(config, source);
}

// It is answered after `seconds`.
ToyRequest lasting(std::int64_t at_s, int seconds) {
  return toy(at_ms(1000 * at_s), 1, 1000 * seconds - 1);
}

std::string text(const PoolScaling& pool) {
  std::string all;
  for (const ReplicaCount& c : pool.counts) {
    all += std::to_string(Seconds(since_start(c.at)).count()).substr(0, 5) + ":" +
           std::to_string(c.starting) + "/" + std::to_string(c.ready) + "/" + std::to_string(c.draining) +
           " ";
  }
  return all;
}

TEST(Scaling, ReplicasStartServeDrainAndStop) {
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 30; ++i) requests.push_back(lasting(0, 100));
  requests.push_back(lasting(40, 560));
  const RunResult result = run(one_pool(toy_pool(by_requests(10, 1, 4), 1)), requests);
  // 30 requests want three at 15 s. From 105 s on one request wants one replica, and the 3 of 90 s holds for
  // 300 s; the replica that serves it is one of those that started last, and stops when it has answered.
  EXPECT_EQ(text(result.scaling.at(0)), "0.000:0/1/0 15.00:2/1/0 35.00:0/3/0 390.0:0/1/1 600.0:0/1/0 ");
  EXPECT_EQ(result.scaling[0].ups, 1);
  EXPECT_EQ(result.scaling[0].downs, 1);
  EXPECT_EQ(result.requests[29].replica, 0u);
  EXPECT_EQ(result.requests[30].replica, 1u);
  for (const RequestRecord& r : result.requests) EXPECT_EQ(r.outcome, Outcome::completed);
}

TEST(Scaling, AReplicaThatDrainsGetsNothingAndKeepsItsGpus) {
  ScalingConfig scaling = by_requests(1, 1, 2);
  scaling.period = 10s;
  scaling.startup = 5s;
  scaling.hpa.down.window = Duration{0};
  const RunResult result =
      run(one_pool(toy_pool(scaling, 2)),
          {lasting(0, 8), lasting(0, 25), lasting(12, 60), lasting(13, 60), lasting(31, 1)});
  // One is too many at 10 s and wanted again at 20 s, but its place is taken until 25 s.
  EXPECT_TRUE(text(result.scaling.at(0)).starts_with("0.000:0/2/0 10.00:0/1/1 25.00:1/1/0 30.00:0/2/0 "))
      << text(result.scaling[0]);
  EXPECT_EQ(result.requests[2].replica, 0u);
  EXPECT_EQ(result.requests[3].replica, 0u) << "the other one drains";
  EXPECT_EQ(result.requests[4].replica, 1u) << "a new one in its place";
}

TEST(Scaling, AStartThatNobodyWantsAnyMoreIsNone) {
  ScalingConfig scaling = by_requests(1, 1, 4);
  scaling.hpa.down.window = Duration{0};
  // Three are wanted at 15 s, and one at 30 s, before they are there.
  const RunResult result =
      run(one_pool(toy_pool(scaling, 1)), {lasting(0, 20), lasting(0, 20), lasting(0, 20), lasting(1, 60)});
  EXPECT_EQ(text(result.scaling.at(0)), "0.000:0/1/0 15.00:3/1/0 30.00:0/1/0 ");
}

TEST(Scaling, ASecondPoolStaysAsItIs) {
  Pool fixed = toy_pool(restless(1, 1, 3), 2);
  fixed.scaling.reset();
  const RunResult result =
      run({.pools = {fixed, toy_pool(by_requests(1, 1, 3), 1)}, .router = standard_router("round_robin")},
          {lasting(0, 20), lasting(0, 20), lasting(0, 20), lasting(0, 20)});
  ASSERT_EQ(result.scaling.size(), 1u);
  EXPECT_EQ(result.scaling[0].pool, 1u);
  EXPECT_EQ(result.scaling[0].places, 3);
  EXPECT_EQ(text(result.scaling[0]), "0.000:0/1/0 ") << "it has one of four requests";
  EXPECT_EQ(result.engines.size(), 5u);
}

// Asking changes nothing by itself, whatever engines and routers do.
TEST(Scaling, APoolThatCannotChangeIsAFixedPool) {
  std::mt19937_64 rng(3);
  const std::vector<ToyRequest> requests = random_traffic(rng, 120, 100, 40, 30.0);
  constexpr const char* kPolicies[] = {"round_robin", "least_requests", "prefix", "dynamo_kv", "random"};
  std::size_t number = 0;
  for (const auto& [name, config] : variants()) {
    const char* const router = kPolicies[number++ % std::size(kPolicies)];
    SCOPED_TRACE(std::string(name) + ", " + router);
    OnePool pool = config;
    pool.replicas = 3;
    pool.router = standard_router(router);
    const FixedLatency latency{10ms};
    SimulationConfig fixed = deployed(pool, latency), scaled = fixed;
    scaled.pools[0].scaling = restless(1, 3, 3);
    scaled.pools[0].scaling->period = 100ms;
    const RunResult a = run(fixed, requests), b = run(scaled, requests);
    expect_same_requests(a, b);
    for (std::size_t i = 0; i < a.requests.size(); ++i)
      ASSERT_EQ(a.requests[i].replica, b.requests[i].replica);
    EXPECT_EQ(b.scaling.at(0).counts.size(), 1u);
    EXPECT_FALSE(changes_size(b));
  }
}

// Requests that arrive with a load that comes and goes, over a minute.
std::vector<ToyRequest> waves(std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::vector<ToyRequest> all;
  for (int wave = 0; wave < 4; ++wave) {
    std::vector<ToyRequest> some = random_traffic(rng, 75, 100, 60, wave % 2 == 0 ? 40.0 : 400.0);
    const Duration shift = all.empty() ? Duration{0} : all.back().spec.arrival - Time{};
    for (ToyRequest& request : some) {
      request.spec.arrival += shift;
      if (rng() % 10 == 0) request.spec.timeout = 800ms;
      all.push_back(std::move(request));
    }
  }
  return all;
}

TEST(Scaling, EveryRequestEndsOnceAndNoMoreReplicasComputeThanHaveGpus) {
  std::uint64_t seed = 0;
  for (const auto& [name, config] : variants()) {
    ++seed;
    SCOPED_TRACE(std::string(name) + ", seed " + std::to_string(seed));
    OnePool pool = config;
    pool.replicas = 2;
    pool.router = standard_router(seed % 2 == 0 ? "prefix" : "least_requests");
    const FixedLatency latency{10ms};
    SimulationConfig scaled = deployed(pool, latency);
    scaled.pools[0].scaling = restless(1, 1, 6);
    const RunResult result = run(scaled, waves(seed));
    ASSERT_EQ(result.requests.size(), 300u);
    for (const RequestRecord& r : result.requests) ASSERT_NE(r.outcome, Outcome::unfinished);
    const std::vector<ReplicaCount>& counts = result.scaling.at(0).counts;
    EXPECT_TRUE(changes_size(result)) << "they come and go";
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const ReplicaCount& now = counts[i];
      ASSERT_LE(now.with_gpus(), 6);
      ASSERT_GE(now.ready, 1);
      ASSERT_TRUE(i == 0 || now.at > counts[i - 1].at);
      int computing = 0;
      for (const EngineResult& engine : result.engines) {
        computing += std::ranges::any_of(
            engine.steps, [&](const StepRecord& step) { return step.start <= now.at && now.at < step.end; });
      }
      ASSERT_LE(computing, now.with_gpus() - now.starting + 1) << "one may be in its last step";
    }
  }
}

// Where engines pause for events is nobody's business.
TEST(Scaling, DoesNotDependOnHowFarEnginesRunAhead) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    SCOPED_TRACE(seed);
    OnePool pool = asynchronous(small());
    pool.replicas = 2;
    pool.router = standard_router("round_robin");
    const FixedLatency latency{10ms};
    SimulationConfig config = deployed(pool, latency);
    config.pools[0].scaling = restless(4, 1, 6);
    pool.engine.run_ahead = false;
    SimulationConfig stepwise = deployed(pool, latency);
    stepwise.pools[0].scaling = config.pools[0].scaling;
    stepwise.pools[0].api.per_sequence = Duration{0};
    stepwise.router = config.router;
    const RunResult a = run(config, waves(seed)), b = run(stepwise, waves(seed));
    expect_same_requests(a, b);
    EXPECT_EQ(text(a.scaling.at(0)), text(b.scaling.at(0)));
  }
}

TEST(Scaling, AReplicaThatStartsAgainHasCachedNothing) {
  const FixedLatency latency{10ms};
  for (const OnePool& pool : {small(), asynchronous(small())}) {
    const auto type = vllm(pool.engine, latency);
    LargeVector<RequestRecord> records;
    records.emplace_back();
    const Folding folding;
    const auto instance = type->start({0, 0, records, folding});
    const std::vector<ContentRun> prompt{{5, 64}};
    RequestSpec spec{.prompt_tokens = 64, .output_tokens = 3, .prompt = prompt};
    instance->send(0, spec, Time{});
    std::vector<RequestIndex> ended;
    while (instance->next().at != kNever) instance->run(Time{10s}, ended, false);
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_GT(instance->cached_tokens(spec), 0);
    instance->restart();
    EXPECT_EQ(instance->cached_tokens(spec), 0);
  }
}

TEST(Scaling, RefusesPoolsThatCannotScaleSo) {
  const auto refused = [](const Pool& pool) {
    EXPECT_THROW(run({.pools = {pool}}, {lasting(0, 1)}), InputError);
  };
  refused(toy_pool(by_requests(1, 2, 3), 1));
  refused(toy_pool(by_requests(1, 1, 3), 4));
  Pool prefill = toy_pool(by_requests(1, 1, 3), 1), decode = prefill;
  prefill.role = Role::prefill;
  decode.role = Role::decode;
  decode.scaling.reset();
  EXPECT_THROW(run({.pools = {prefill, decode}}, {lasting(0, 1)}), InputError);
}

}  // namespace
}  // namespace blis
