// How many replicas autoscalers ask for, worked out by hand.
#include "sim/fleet/autoscaler.h"

#include <gtest/gtest.h>

namespace blis {
namespace {

using namespace std::chrono_literals;

ScalingConfig hpa(std::vector<MetricTarget> metrics) {
  ScalingConfig config{.min_replicas = 1, .max_replicas = 20};
  config.hpa.metrics = std::move(metrics);
  config.hpa.down.window = Duration{0};
  return config;
}

// Ready replicas with so many requests in flight each.
std::vector<ReplicaSight> with_requests(std::vector<std::int64_t> requests) {
  std::vector<ReplicaSight> ready;
  for (const std::int64_t count : requests) {
    ready.push_back({.replica = static_cast<EngineIndex>(ready.size()), .requests = count});
  }
  return ready;
}

// Ready replicas, all asked for, with so many waiting and so much of the KV cache in use.
std::vector<ReplicaSight> with_gauges(std::vector<Gauges> gauges) {
  std::vector<ReplicaSight> ready;
  for (const Gauges& gauge : gauges) {
    ready.push_back({.replica = static_cast<EngineIndex>(ready.size()), .gauges = gauge});
  }
  return ready;
}

// An autoscaler that is asked every 15 s.
class Asked {
 public:
  explicit Asked(const ScalingConfig& config) : autoscaler_(make_autoscaler(config)) {}
  int wanted(const std::vector<ReplicaSight>& ready, int replicas) {
    at_ += 15s;
    return autoscaler_->wanted({at_, replicas, ready});
  }
  int wanted(const std::vector<ReplicaSight>& ready) { return wanted(ready, static_cast<int>(ready.size())); }

 private:
  MadeAutoscaler autoscaler_;
  Time at_{};
};

struct Case {
  const char* name;
  MetricTarget target;
  std::vector<ReplicaSight> ready;
  int replicas, wanted;
};
class HpaProportion : public testing::TestWithParam<Case> {};

TEST_P(HpaProportion, IsTheMetricOverItsTarget) {
  const Case& c = GetParam();
  EXPECT_EQ(Asked(hpa({c.target})).wanted(c.ready, c.replicas), c.wanted);
}

using enum ScalingMetric;
INSTANTIATE_TEST_SUITE_P(
    All, HpaProportion,
    testing::Values(
        Case{"up", {running_requests, 10, true}, with_requests({15, 15}), 2, 3},
        Case{"within_the_tolerance", {running_requests, 10, true}, with_requests({10, 11}), 2, 2},
        Case{"beyond_it", {running_requests, 10, true}, with_requests({11, 12}), 2, 3},
        Case{"down", {running_requests, 10, true}, with_requests({4, 4, 4}), 3, 2},
        Case{"nothing_to_do", {running_requests, 10, true}, with_requests({0, 0, 0}), 3, 1},
        // 30 requests are 7.5 for each of those asked for: fewer are wanted.
        Case{"some_are_starting", {running_requests, 10, true}, with_requests({15, 15}), 4, 3},
        Case{"value_per_ready_replica", {running_requests, 10, false}, with_requests({6, 6}), 2, 3},
        Case{"waiting", {num_requests_waiting, 5, false}, with_gauges({{0, 4, 0}, {0, 8, 0}}), 2, 5},
        Case{"running", {num_requests_running, 4, true}, with_gauges({{6, 0, 0}, {6, 9, 0}}), 2, 3},
        Case{"share_of_kv",
             {kv_cache_usage_perc, 0.35, false},
             with_gauges({{0, 0, 0.9}, {0, 0, 0.5}}),
             2,
             4}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Hpa, FollowsTheMetricThatAsksForMost) {
  Asked two(hpa({{running_requests, 10, true}, {num_requests_running, 5, true}}));
  std::vector<ReplicaSight> ready = with_requests({10, 10});
  ready[0].gauges.running = ready[1].gauges.running = 8;
  EXPECT_EQ(two.wanted(ready), 4) << "2 by the first, 16 / 5 by the second";
}

TEST(Hpa, DoublesOrAddsFourInFifteenSecondsWhateverIsMore) {
  Asked asked(hpa({{running_requests, 1, true}}));
  EXPECT_EQ(asked.wanted(with_requests({100})), 5);
  EXPECT_EQ(asked.wanted(with_requests({100, 0, 0, 0, 0}), 5), 10);
  EXPECT_EQ(asked.wanted(with_requests({100}), 10), 20);
  EXPECT_EQ(asked.wanted(with_requests({100}), 20), 20) << "max_replicas";
}

TEST(Hpa, CountsWhatItAddedWithinThePeriod) {
  ScalingConfig config = hpa({{running_requests, 1, true}});
  config.hpa.up = {.replicas = 3, .period = 60s};
  Asked asked(config);
  EXPECT_EQ(asked.wanted(with_requests({100})), 4);
  EXPECT_EQ(asked.wanted(with_requests({100}), 4), 4) << "the three of this minute are there";
  EXPECT_EQ(asked.wanted(with_requests({100}), 4), 4);
  EXPECT_EQ(asked.wanted(with_requests({100}), 4), 4);
  EXPECT_EQ(asked.wanted(with_requests({100}), 4), 7) << "a minute later";
}

TEST(Hpa, RemovesNoMoreThanItsLimitAllows) {
  ScalingConfig config = hpa({{running_requests, 1, true}});
  config.hpa.down = {.percent = 10};
  EXPECT_EQ(Asked(config).wanted(with_requests(std::vector<std::int64_t>(15, 0))), 13) << "13.5, cut";
  config.hpa.down = {.percent = 10, .replicas = 4};
  EXPECT_EQ(Asked(config).wanted(with_requests(std::vector<std::int64_t>(15, 0))), 11);
}

TEST(Hpa, GoesDownToTheMostThatWasAskedForInItsWindow) {
  ScalingConfig config = hpa({{running_requests, 10, true}});
  config.hpa.down.window = 60s;
  Asked asked(config);
  EXPECT_EQ(asked.wanted(with_requests({0, 0, 0})), 3) << "what there was at first is a recommendation, too";
  EXPECT_EQ(asked.wanted(with_requests({6, 6, 6})), 3) << "2 now, but 3 half a minute ago";
  EXPECT_EQ(asked.wanted(with_requests({0, 0, 0})), 3);
  EXPECT_EQ(asked.wanted(with_requests({0, 0, 0})), 3);
  EXPECT_EQ(asked.wanted(with_requests({0, 0, 0})), 2) << "the 3 is a minute old, the 2 is not";
  EXPECT_EQ(asked.wanted(with_requests({0, 0})), 1);
}

TEST(Hpa, GoesUpToTheLeastThatWasAskedForInItsWindow) {
  ScalingConfig config = hpa({{running_requests, 10, true}});
  config.hpa.up.window = 40s;
  Asked asked(config);
  EXPECT_EQ(asked.wanted(with_requests({50})), 1);
  EXPECT_EQ(asked.wanted(with_requests({30})), 1);
  EXPECT_EQ(asked.wanted(with_requests({40})), 1) << "the first second";
  EXPECT_EQ(asked.wanted(with_requests({40})), 3);
}

TEST(Hpa, KeepsWithinItsLimits) {
  ScalingConfig config = hpa({{running_requests, 10, true}});
  config.min_replicas = 2;
  config.max_replicas = 3;
  EXPECT_EQ(Asked(config).wanted(with_requests({0, 0, 0})), 2);
  EXPECT_EQ(Asked(config).wanted(with_requests({90, 90})), 3);
}

// ---------------------------------------------------------------- WVA, analyzer V1

ScalingConfig wva() {
  return {.policy = "wva_v1", .min_replicas = 1, .max_replicas = 5};
}

struct Spare {
  const char* name;
  std::vector<Gauges> gauges;
  int wanted;
};
class WvaV1 : public testing::TestWithParam<Spare> {};

TEST_P(WvaV1, AddsOrRemovesOneByWhatIsSpare) {
  EXPECT_EQ(Asked(wva()).wanted(with_gauges(GetParam().gauges)), GetParam().wanted);
}

INSTANTIATE_TEST_SUITE_P(
    All, WvaV1,
    testing::Values(
        // The example of its documentation: 0.15 and 0.08 to spare are enough, 0.15 and 0.04 are not.
        Spare{"enough", {{9, 0, 0.65}, {9, 0, 0.72}}, 2},
        Spare{"too_little", {{9, 0, 0.65}, {9, 0, 0.76}}, 3}, Spare{"queues", {{9, 3, 0.1}, {9, 2, 0.1}}, 3},
        Spare{"all_saturated", {{9, 0, 0.9}, {9, 9, 0.2}}, 3},
        Spare{"saturated_ones_do_not_count", {{9, 9, 0.9}, {9, 0, 0.6}}, 2},
        // 0.6 on two of three leaves 0.2; 0.66 and more would leave less than 0.1.
        Spare{"one_less", {{9, 0, 0.4}, {9, 0, 0.4}, {9, 0, 0.4}}, 2},
        Spare{"not_one_less", {{9, 0, 0.5}, {9, 0, 0.5}, {9, 0, 0.5}}, 3},
        Spare{"the_last_one", {{0, 0, 0}}, 1}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(WvaV1, LooksAtTheMostOfAMinute) {
  Asked asked(wva());
  EXPECT_EQ(asked.wanted(with_gauges({{0, 4, 0}})), 2);
  const auto idle = with_gauges({{0, 0, 0}, {0, 0, 0}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(asked.wanted(idle), 2) << "removing one would leave 4 waiting";
  EXPECT_EQ(asked.wanted(idle), 1);
}

TEST(WvaV1, DoesNothingWhileReplicasStart) {
  EXPECT_EQ(Asked(wva()).wanted(with_gauges({{9, 9, 0.95}}), 2), 2);
}

// Ready replicas with a KV cache of 1000 tokens each, of which so many are in decode and so many wait.
std::vector<ReplicaSight> with_passes(std::vector<PassMetrics> passes) {
  std::vector<ReplicaSight> ready;
  for (const PassMetrics& pass : passes) {
    ready.push_back({.replica = static_cast<EngineIndex>(ready.size()), .pass = pass, .kv_tokens = 1000});
  }
  return ready;
}

ScalingConfig planner(PlannerTarget target) {
  ScalingConfig config{.policy = "dynamo_planner", .min_replicas = 1, .max_replicas = 3};
  config.planner.target = target;
  return config;
}

TEST(DynamoPlanner, GoesByTheFullestForMoreAndByAllForLess) {
  struct Step {
    PlannerTarget target;
    std::vector<PassMetrics> passes;
    int wanted;
  };
  const PlannerTarget throughput = PlannerTarget::throughput, latency = PlannerTarget::latency;
  const Step steps[] = {
      {throughput, {{600, 400}, {0, 0}}, 2},         // full, and no more
      {throughput, {{600, 401}, {0, 0}}, 3},         // any of them
      {throughput, {{599, 0}, {300, 299}}, 1},       // all have fewer than 60 %
      {throughput, {{600, 0}, {0, 0}}, 2},           // one has not
      {throughput, {{0, 0}}, 1},                     // not below min_replicas
      {throughput, {{0, 1001}, {0, 0}, {0, 0}}, 3},  // not above max_replicas
      {latency, {{400, 0}, {100, 0}}, 2},
      {latency, {{401, 0}, {0, 0}}, 3},
      {latency, {{99, 0}, {50, 49}}, 1},
      {latency, {{100, 0}, {0, 0}}, 2},
  };
  for (const Step& step : steps) {
    const std::vector<ReplicaSight> ready = with_passes(step.passes);
    EXPECT_EQ(Asked(planner(step.target)).wanted(ready), step.wanted)
        << step.passes[0].decode_kv_tokens << " + " << step.passes[0].queued_tokens;
  }
}

TEST(DynamoPlanner, DecidesNothingWhileReplicasStartOrHaveComputedNothing) {
  std::vector<ReplicaSight> ready = with_passes({{2000, 0}, {0, 0}});
  EXPECT_EQ(Asked(planner(PlannerTarget::throughput)).wanted(ready, 3), 3) << "one of three starts";
  ready[1].pass.reset();
  EXPECT_EQ(Asked(planner(PlannerTarget::throughput)).wanted(ready), 2) << "one has told of no step";
  ready[1].pass.emplace();
  EXPECT_EQ(Asked(planner(PlannerTarget::throughput)).wanted(ready), 3);
}

}  // namespace
}  // namespace blis
