// Requests that wait at llm-d's picker, or are refused there.
#include "sim/fleet/epp/flow_control.h"

#include <gtest/gtest.h>

#include <numeric>

#include "sim/attribution.h"
#include "sim/fleet/epp/saturation.h"
#include "tests/sim/fleet/toy_engine.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

FlowControlConfig full_from(double requests) {
  return {.saturated = {.kind = SaturationRule::Kind::concurrency, .concurrency = requests},
          .queueing = QueueingConfig{}};
}

// Toy engines answer after a millisecond for each token.
SimulationConfig behind(const FlowControlConfig& rule, std::vector<FlowOfClient> flows = {},
                        int replicas = 1) {
  Pool pool;
  pool.engine = std::make_shared<Toy>(1'000'000);
  pool.count = replicas;
  return {.pools = {pool},
          .router = standard_router("least_requests"),
          .flow_control = rule,
          .flows = std::move(flows)};
}

// Answered `lasts` ms after it is sent.
ToyRequest lasting(std::int64_t at, int lasts, std::uint16_t client = 0) {
  ToyRequest request = toy(at_ms(at), 1, lasts - 1);
  request.spec.client = client;
  return request;
}

// When each was sent to an engine, in ms; -1: never.
std::vector<std::int64_t> sent(const RunResult& result) {
  std::vector<std::int64_t> all;
  for (const RequestRecord& r : result.requests) {
    all.push_back(r.visible == kUnset ? -1 : since_start(r.visible) / 1ms);
  }
  return all;
}
std::vector<std::int64_t> sent(const SimulationConfig& config, std::vector<ToyRequest> requests) {
  return sent(run_pools(config, std::move(requests)));
}

TEST(FlowControl, RequestsWaitUntilAnEndpointHasRoom) {
  const RunResult result =
      run_pools(behind(full_from(1)), {lasting(0, 100), lasting(10, 100), lasting(20, 100)});
  EXPECT_EQ(sent(result), (std::vector<std::int64_t>{0, 100, 200}));
  ASSERT_EQ(result.waits.size(), 2u);
  EXPECT_EQ(result.waits[1].wait, 180ms);
  EXPECT_EQ(Attributor(result).of(result.requests[2])[Part::router_queue], 180ms);
}

TEST(FlowControl, ThePickerLooksEveryMillisecondAndLetsOneThrough) {
  SimulationConfig config = behind(full_from(3));
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 3; ++i) requests.push_back(lasting(0, 100));
  for (int i = 0; i < 3; ++i) requests.push_back(lasting(10, 100));
  EXPECT_EQ(sent(config, requests), (std::vector<std::int64_t>{0, 0, 0, 100, 101, 102}));
}

TEST(FlowControl, AHigherPriorityGoesFirstWhateverCameBefore) {
  const std::vector<FlowOfClient> flows{{.priority = 0}, {.priority = 100}, {.priority = -10}};
  EXPECT_EQ(sent(behind(full_from(1), flows),
                 {lasting(0, 100), lasting(1, 100, 2), lasting(2, 100, 0), lasting(3, 100, 1)}),
            (std::vector<std::int64_t>{0, 300, 200, 100}));
}

TEST(FlowControl, AClientThatNobodySpeaksOfHasPriorityZero) {
  EXPECT_EQ(sent(behind(full_from(1), {{.priority = -1}}),
                 {lasting(0, 100, 7), lasting(1, 100, 0), lasting(2, 100, 9)}),
            (std::vector<std::int64_t>{0, 200, 100}));
}

TEST(FlowControl, FlowsTakeTurnsInTheOrderOfTheirNames) {
  FlowControlConfig rule = full_from(1);
  const std::vector<FlowOfClient> flows{{.fairness_id = "b"}, {.fairness_id = "a"}, {.fairness_id = "c"}};
  const std::vector<ToyRequest> requests{lasting(0, 10, 0), lasting(1, 10, 0), lasting(2, 10, 0),
                                         lasting(3, 10, 1), lasting(4, 10, 1), lasting(5, 10, 2)};
  EXPECT_EQ(sent(behind(rule, flows), requests), (std::vector<std::int64_t>{0, 10, 20, 30, 40, 50}))
      << "global-strict: first come";
  rule.queueing->other_band.fairness = Fairness::round_robin;
  // After b, whose turn was at once: c, a, b, a, b.
  EXPECT_EQ(sent(behind(rule, flows), requests), (std::vector<std::int64_t>{0, 30, 50, 20, 40, 10}));
}

TEST(FlowControl, TheEarliestDeadlineOfAFirstTokenGoesFirstAndThoseWithoutOneLast) {
  FlowControlConfig rule = full_from(1);
  rule.queueing->other_band.order = FlowOrder::slo_deadline;
  const std::vector<FlowOfClient> flows{{}, {.ttft_slo = 500ms}, {.ttft_slo = 100ms}};
  EXPECT_EQ(sent(behind(rule, flows),
                 {lasting(0, 100, 0), lasting(1, 100, 0), lasting(2, 100, 1), lasting(3, 100, 2)}),
            (std::vector<std::int64_t>{0, 300, 200, 100}));
}

TEST(FlowControl, WhatFindsNoRoomInItsBandOrInAllIsRefused) {
  FlowControlConfig rule = full_from(1);
  rule.queueing->other_band.max_requests = 1;
  const std::vector<FlowOfClient> flows{{.priority = 0}, {.priority = 5}};
  const auto outcomes = [&](std::vector<ToyRequest> requests) {
    std::vector<Outcome> all;
    for (const RequestRecord& r : run_pools(behind(rule, flows), std::move(requests)).requests) {
      all.push_back(r.outcome);
    }
    return all;
  };
  const Outcome yes = Outcome::completed, no = Outcome::refused;
  const std::vector<ToyRequest> requests{lasting(0, 100), lasting(1, 100), lasting(2, 100),
                                         lasting(3, 100, 1)};
  EXPECT_EQ(outcomes(requests), (std::vector{yes, yes, no, yes}));
  rule.queueing->max_requests = 1;
  EXPECT_EQ(outcomes(requests), (std::vector{yes, yes, no, no}));
  rule.queueing->max_requests = 0;
  rule.queueing->other_band = {.max_bytes = 7};  // four bytes a token of the prompt
  EXPECT_EQ(outcomes(requests), (std::vector{yes, yes, no, yes}));
  rule.queueing->other_band.max_bytes = 3;
  EXPECT_EQ(outcomes(requests), (std::vector{no, no, no, no})) << "not even while nobody waits";
}

TEST(FlowControl, WhoWaitsTooLongIsRefusedByTheNextSweep) {
  FlowControlConfig rule = full_from(1);
  rule.queueing->ttl = 2s;
  RunResult result = run_pools(behind(rule), {lasting(0, 10'000), lasting(300, 10)});
  EXPECT_EQ(result.requests[1].outcome, Outcome::expired);
  EXPECT_EQ(result.requests[1].ended, at_ms(3000)) << "due at 2300 ms; looked for every second";
  EXPECT_EQ(result.requests[1].visible, kUnset);
  rule.queueing->ttl = Duration{0};
  result = run_pools(behind(rule), {lasting(0, 100'000), lasting(300, 10)});
  EXPECT_EQ(result.requests[1].outcome, Outcome::completed) << "0: as long as it takes";
  EXPECT_EQ(result.requests[1].visible, at_ms(100'000));
}

TEST(FlowControl, WhoGivesUpWhileWaitingIsNeverSent) {
  ToyRequest impatient = lasting(10, 10);
  impatient.spec.timeout = 20ms;
  const RunResult result = run_pools(behind(full_from(1)), {lasting(0, 100), impatient, lasting(20, 10)});
  EXPECT_EQ(result.requests[1].outcome, Outcome::aborted);
  EXPECT_EQ(sent(result), (std::vector<std::int64_t>{0, -1, 100}));
}

TEST(FlowControl, MetricsAreLookedAtWhenTheyAreScraped) {
  FlowControlConfig rule{.saturated = {.queue_depth = 1}, .queueing = QueueingConfig{}};
  OnePool pool = small();
  pool.engine.scheduler.max_num_seqs = 1;
  const FixedLatency latency{10ms};
  SimulationConfig config = deployed(pool, latency);
  config.flow_control = rule;
  config.router.scrape = 50ms;
  // One runs for a second, and one waits in the engine: what comes later sees a full queue in the metrics.
  const RunResult result = run_pools(
      config, {toy(at_ms(0), 10, 100), toy(at_ms(1), 10, 5), toy(at_ms(200), 10, 5), toy(at_ms(210), 10, 5)});
  EXPECT_EQ(result.waits.size(), 2u);
  EXPECT_GE(result.requests[2].visible, result.requests[0].last_token) << "until nobody waits in the engine";
  EXPECT_LE(result.requests[2].visible, result.requests[0].last_token + 61ms) << "a step and a scrape later";
  EXPECT_EQ(since_start(result.requests[2].visible) % 1ms, Duration{0});
}

TEST(FlowControl, AHoldbackKeepsRoomForHigherPriorities) {
  FlowControlConfig rule = full_from(4);
  rule.queueing->limit = {.highest = 1, .lowest = 0.5};
  const std::vector<FlowOfClient> flows{{.priority = 0}, {.priority = 10}};
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 4; ++i) requests.push_back(lasting(i, 100, 0));
  for (int i = 4; i < 7; ++i) requests.push_back(lasting(i, 100, 1));
  // Two of the lower priority are half of the room. The third high one waits for the first that is free, the
  // third and fourth low ones until less than two are left.
  EXPECT_EQ(sent(behind(rule, flows), requests), (std::vector<std::int64_t>{0, 1, 105, 200, 4, 5, 100}));
}

TEST(FlowControl, WithoutItOnlyNegativePrioritiesGiveWayWhileEndpointsAreFull) {
  FlowControlConfig rule = full_from(1);
  rule.queueing.reset();
  const RunResult result =
      run_pools(behind(rule, {{.priority = 0}, {.priority = -1}}),
                {lasting(0, 100, 1), lasting(1, 100, 1), lasting(2, 100, 0), lasting(300, 1, 1)});
  EXPECT_EQ(result.requests[0].outcome, Outcome::completed);
  EXPECT_EQ(result.requests[1].outcome, Outcome::refused);
  EXPECT_EQ(result.requests[2].outcome, Outcome::completed);
  EXPECT_EQ(result.requests[3].outcome, Outcome::completed);
}

TEST(FlowControl, EndpointsThatAreNeverFullChangeNothing) {
  std::mt19937_64 rng(5);
  const std::vector<ToyRequest> requests = random_traffic(rng, 300, 100, 40, 4.0);
  OnePool pool = small();
  pool.replicas = 3;
  pool.router = standard_router("least_requests");
  const WorkLatency latency;
  SimulationConfig config = deployed(pool, latency);
  const RunResult without = run_pools(config, requests);
  config.flow_control = full_from(1e9);
  const RunResult with = run_pools(config, requests);
  EXPECT_TRUE(with.waits.empty());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    ASSERT_EQ(with.requests[i].last_token, without.requests[i].last_token) << i;
    ASSERT_EQ(with.requests[i].replica, without.requests[i].replica) << i;
  }
}

// Whatever happens, each request has one end, nothing is sent beyond the limit, and times add up.
TEST(FlowControlProperty, NothingIsLostAndTimesAddUp) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    const auto below = [&](int n) { return static_cast<int>(rng() % static_cast<std::uint64_t>(n)); };
    FlowControlConfig rule = full_from(1 + below(6));
    const bool by_metrics = below(2) == 0;
    if (by_metrics) rule.saturated.kind = SaturationRule::Kind::utilization;
    if (by_metrics) rule.saturated.queue_depth = 1 + below(3);
    QueueingConfig& queueing = *rule.queueing;
    queueing.other_band.max_requests = 1 + below(20);
    queueing.max_requests = below(3) == 0 ? 1 + below(20) : 0;
    queueing.ttl = Duration{std::chrono::milliseconds{below(3) == 0 ? 0 : 1 + below(2000)}};
    if (below(2) == 0) queueing.other_band.fairness = Fairness::round_robin;
    if (below(2) == 0) queueing.other_band.order = FlowOrder::slo_deadline;
    if (below(3) == 0) queueing.limit = {.highest = 1, .lowest = 0.5, .by_rank = below(2) == 0};
    std::vector<FlowOfClient> flows;
    for (int i = 0; i < 4; ++i) {
      flows.push_back({.priority = below(5) - 2, .fairness_id = std::string(1, static_cast<char>('a' + i))});
      if (below(2) == 0) flows.back().ttft_slo = std::chrono::milliseconds{below(500)};
    }
    OnePool pool = small();
    pool.replicas = 1 + below(3);
    pool.router = standard_router(below(2) == 0 ? "least_requests" : "random");
    pool.api_latency = std::chrono::milliseconds{below(3)};
    const WorkLatency latency;
    SimulationConfig config = deployed(pool, latency);
    config.router.scrape = std::chrono::milliseconds{below(2) * 50};
    config.flow_control = rule;
    config.flows = flows;
    config.gateway = {.latency = std::chrono::milliseconds{below(2) * 3},
                      .per_token = Duration{below(2) * 10'000}};
    std::vector<ToyRequest> requests = random_traffic(rng, 200, 100, 40, 6.0);
    for (ToyRequest& r : requests) {
      r.spec.client = static_cast<std::uint16_t>(below(5));
      if (below(10) == 0) r.spec.timeout = std::chrono::milliseconds{1 + below(400)};
    }
    const RunResult result = run_pools(config, requests);
    ASSERT_EQ(result.requests.size(), requests.size());
    const Attributor attributor(result);
    for (const RequestRecord& r : result.requests) {
      ASSERT_TRUE(r.outcome == Outcome::completed || r.outcome == Outcome::refused ||
                  r.outcome == Outcome::expired || r.outcome == Outcome::aborted)
          << to_string(r.outcome);
      const bool never_sent = r.outcome == Outcome::refused || r.outcome == Outcome::expired;
      ASSERT_EQ(r.visible == kUnset, never_sent || (r.outcome == Outcome::aborted && r.visible == kUnset));
      ASSERT_TRUE(!never_sent || r.ended >= r.arrival);
      if (r.outcome != Outcome::completed) continue;
      const Attribution a = attributor.of(r);
      for (const Part part : kAllParts) ASSERT_GE(a[part], Duration{0}) << to_string(part);
      ASSERT_EQ(std::accumulate(a.parts.begin(), a.parts.end(), Duration{0}), r.last_token - r.arrival);
    }
    for (const RouterWait& wait : result.waits) ASSERT_GT(wait.wait, Duration{0});
    const RunResult again = run_pools(config, requests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      ASSERT_EQ(again.requests[i].last_token, result.requests[i].last_token) << i;
      ASSERT_EQ(again.requests[i].outcome, result.requests[i].outcome) << i;
    }
    // Whether engines run ahead of each other or step by step is none of the router's business.
    SimulationConfig slow = config;
    pool.engine.run_ahead = false;
    slow.pools = deployed(pool, latency).pools;
    const RunResult step_by_step = run_pools(slow, requests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      ASSERT_EQ(step_by_step.requests[i].last_token, result.requests[i].last_token) << i;
      ASSERT_EQ(step_by_step.requests[i].ended, result.requests[i].ended) << i;
    }
  }
}

// The concurrency detector's limit holds at every instant.
TEST(FlowControlProperty, NoMoreAreInFlightThanThereIsRoomFor) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    const int limit = 1 + static_cast<int>(rng() % 5);
    std::vector<ToyRequest> requests;
    for (int i = 0; i < 200; ++i) {
      requests.push_back(
          lasting(i * 3 + static_cast<std::int64_t>(rng() % 3), 2 + static_cast<int>(rng() % 60)));
    }
    const RunResult result = run_pools(behind(full_from(limit), {}, 2), requests);
    std::vector<std::pair<Time, int>> changes;
    for (const RequestRecord& r : result.requests) {
      if (r.outcome != Outcome::completed) continue;
      changes.push_back({r.visible, 1});
      changes.push_back({r.last_token, -1});
    }
    std::ranges::sort(changes);
    int now = 0;
    for (const auto& [at, by] : changes) {
      now += by;
      ASSERT_LE(now, 2 * limit);
    }
  }
}

TEST(Saturation, IsTheFullerOfQueueAndCacheOfTheMeanEndpoint) {
  std::vector<ReplicaLoad> loads(2);
  const std::vector<std::size_t> both{0, 1}, none;
  const SaturationRule rule;
  loads[0].scraped = {.waiting = 5, .kv_usage = 0.4};
  loads[1].scraped = {.waiting = 0, .kv_usage = 0.4};
  loads[0].scraped_at = loads[1].scraped_at = at_ms(1000);
  EXPECT_DOUBLE_EQ(saturation(rule, loads, both, at_ms(1000)), (1 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(saturation(rule, loads, both, at_ms(1201)), 1) << "metrics older than 200 ms";
  EXPECT_DOUBLE_EQ(saturation(rule, loads, none, at_ms(0)), 1);
}

}  // namespace
}  // namespace blis
