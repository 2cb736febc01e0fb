// What a scenario says of replicas that follow the load.
#include <gtest/gtest.h>

#include "tests/scenarios/problems.h"
#include "tests/scenarios/small_deployment.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

const std::string kMetrics = "metrics: [{ name: running_requests, average_value: 40 }]";

BuiltSimulation built(const std::string& middle) {
  return build(small_deployment(middle), Catalog(BLIS_SOURCE_DIR));
}
ScalingConfig scaling_of(const std::string& middle) {
  return built(middle).config.pools.at(0).scaling.value();
}

TEST(Autoscaling, HasKubernetesDefaults) {
  const BuiltSimulation b =
      built("autoscaling: { min_replicas: 2, max_replicas: 8, startup_s: 90, " + kMetrics + " }\n");
  const Pool& pool = b.config.pools.at(0);
  EXPECT_EQ(pool.count, 2) << "where nobody says, it starts with the least";
  EXPECT_EQ(pool.places(), 8);
  const ScalingConfig& scaling = *pool.scaling;
  EXPECT_EQ(scaling.policy, "hpa");
  EXPECT_EQ(scaling.period, 15s);
  EXPECT_EQ(scaling.startup, 90s);
  EXPECT_EQ(scaling.hpa.tolerance, 0.1);
  EXPECT_EQ(scaling.hpa.up.window, 0s);
  EXPECT_EQ(scaling.hpa.up.percent, 100);
  EXPECT_EQ(scaling.hpa.up.replicas, 4);
  EXPECT_EQ(scaling.hpa.down.window, 300s);
  EXPECT_EQ(scaling.hpa.down.percent, 100);
  EXPECT_FALSE(scaling.hpa.down.replicas);
  EXPECT_EQ(b.resolved.gpus(), 8) << "that it may take";
}

TEST(Autoscaling, ReadsEveryKey) {
  const ScalingConfig scaling = scaling_of(R"(replicas: 3
autoscaling:
  policy: hpa
  max_replicas: 9
  sync_period_s: 30
  startup_s: 60
  tolerance: 0.2
  metrics: [{ name: kv_cache_usage_perc, value: 0.7 }, { name: num_requests_waiting, average_value: 3 }]
  scale_up: { stabilization_window_s: 10, replicas: 2, period_s: 60 }
  scale_down: { stabilization_window_s: 20, percent: 50, period_s: 45 }
)");
  EXPECT_EQ(scaling.period, 30s);
  EXPECT_EQ(scaling.hpa.tolerance, 0.2);
  ASSERT_EQ(scaling.hpa.metrics.size(), 2u);
  EXPECT_EQ(scaling.hpa.metrics[0].metric, ScalingMetric::kv_cache_usage_perc);
  EXPECT_FALSE(scaling.hpa.metrics[0].per_replica);
  EXPECT_EQ(scaling.hpa.metrics[1].metric, ScalingMetric::num_requests_waiting);
  EXPECT_TRUE(scaling.hpa.metrics[1].per_replica);
  EXPECT_EQ(scaling.hpa.metrics[1].target, 3);
  EXPECT_EQ(scaling.hpa.up.window, 10s);
  EXPECT_EQ(scaling.hpa.up.replicas, 2);
  EXPECT_FALSE(scaling.hpa.up.percent) << "one limit alone is the only one";
  EXPECT_EQ(scaling.hpa.up.period, 60s);
  EXPECT_EQ(scaling.hpa.down.percent, 50);
  EXPECT_EQ(scaling.hpa.down.period, 45s);
}

TEST(Autoscaling, ReadsWvasThresholds) {
  const ScalingConfig scaling = scaling_of(
      "autoscaling: { policy: wva_v1, max_replicas: 4, startup_s: 60, kv_cache_threshold: 0.9, "
      "queue_spare_trigger: 2 "
      "}\n");
  EXPECT_EQ(scaling.policy, "wva_v1");
  EXPECT_EQ(scaling.wva.kv_cache_threshold, 0.9);
  EXPECT_EQ(scaling.wva.queue_length_threshold, 5);
  EXPECT_EQ(scaling.wva.kv_spare_trigger, 0.1);
  EXPECT_EQ(scaling.wva.queue_spare_trigger, 2);
}

TEST(Autoscaling, HasTheDefaultsOfDynamosPlanner) {
  const std::string said = "autoscaling: { policy: dynamo_planner, max_replicas: 4, startup_s: 60";
  const BuiltSimulation b = built(said + " }\n");
  const ScalingConfig& scaling = *b.config.pools.at(0).scaling;
  EXPECT_EQ(scaling.policy, "dynamo_planner");
  EXPECT_EQ(scaling.period, 5s);
  EXPECT_EQ(scaling.planner.target, PlannerTarget::throughput);
  ASSERT_EQ(b.warnings.size(), 1u);
  EXPECT_NE(b.warnings[0].find("Dynamo may end them before"), std::string::npos) << b.warnings[0];
  EXPECT_EQ(scaling_of(said + ", sync_period_s: 20, optimization_target: latency }\n").period, 20s);
  EXPECT_EQ(scaling_of(said + ", optimization_target: latency }\n").planner.target, PlannerTarget::latency);
  const ScenarioSettings& s = b.resolved.scenario;
  const BuiltSimulation again = build(parse_settings(to_yaml(s, ""), "s.yaml", ""), Catalog(BLIS_SOURCE_DIR));
  EXPECT_EQ(to_json(again.resolved.scenario), to_json(s));
}

// 8.03 billion parameters in 16 bits at 2 GB/s, and what is said of the rest.
TEST(Autoscaling, AStartTakesReadingTheWeightsOnce) {
  for (const char* const engine : {"engine: { }\n", "engine: { tensor_parallel_size: 4 }\n"}) {
    const ScalingConfig scaling =
        scaling_of(std::string(engine) +
                   "autoscaling: { max_replicas: 4, startup: { storage_gbytes_s: 2, compile_s: "
                   "40, graphs_s: 20 }, " +
                   kMetrics + " }\n");
    EXPECT_NEAR(Seconds(scaling.startup).count(), 60 + 2 * 8.03 / 2, 0.01);
  }
}

TEST(Autoscaling, IsOfAPoolWhereThereAreSeveral) {
  const std::string two =
      "pools:\n- { name: a, replicas: 2 }\n- { name: b, autoscaling: { min_replicas: 2, "
      "max_replicas: 3, startup_s: 5, " +
      kMetrics + " } }\n";
  const BuiltSimulation b = built(two);
  EXPECT_FALSE(b.config.pools.at(0).scaling);
  EXPECT_EQ(b.config.pools.at(1).scaling->max_replicas, 3);
  EXPECT_EQ(b.config.pools.at(1).count, 2);
  EXPECT_EQ(b.resolved.gpus(), 2 + 3);
  // What is written out is the same deployment.
  const ScenarioSettings& s = b.resolved.scenario;
  const BuiltSimulation again = build(parse_settings(to_yaml(s, ""), "s.yaml", ""), Catalog(BLIS_SOURCE_DIR));
  EXPECT_EQ(to_json(again.resolved.scenario), to_json(s));
  EXPECT_EQ(again.config.pools.at(1).count, 2);
}

struct ScalingMistake {
  const char* name;
  std::string middle, head;
  ErrorKind kind = ErrorKind::usage;
};
class AutoscalingMistake : public testing::TestWithParam<ScalingMistake> {};

TEST_P(AutoscalingMistake, IsNamedWithItsPlace) {
  const Said said = said_by([] { built(GetParam().middle); });
  EXPECT_EQ(said.kind, GetParam().kind);
  ASSERT_EQ(said.heads.size(), 1u) << said.all;
  EXPECT_EQ(said.heads[0], GetParam().head);
}

std::string with(const std::string& keys) {
  return "autoscaling: { max_replicas: 4, startup_s: 60, " + keys + " }\n";
}

INSTANTIATE_TEST_SUITE_P(
    All, AutoscalingMistake,
    testing::Values(
        ScalingMistake{"no_most", "autoscaling: { startup_s: 60, " + kMetrics + " }\n",
                       "s.yaml:4:1: missing key `autoscaling.max_replicas`"},
        ScalingMistake{"no_metric", with("policy: hpa"),
                       "s.yaml:4:56: the autoscaler `hpa` looks at no metric"},
        ScalingMistake{"no_start", "autoscaling: { max_replicas: 4, " + kMetrics + " }\n",
                       "s.yaml:4:30: nobody says how long a replica takes to start"},
        ScalingMistake{"two_starts",
                       with(kMetrics + ", startup: { storage_gbytes_s: 1, compile_s: 1, graphs_s: 1 }"),
                       "s.yaml:4:30: `startup_s` and `startup` say the same"},
        ScalingMistake{"no_target", with("metrics: [{ name: running_requests }]"),
                       "s.yaml:4:66: the metric `running_requests` has no target"},
        ScalingMistake{"two_targets",
                       with("metrics: [{ name: running_requests, value: 3, average_value: 3 }]"),
                       "s.yaml:4:66: the metric `running_requests` has two targets"},
        ScalingMistake{"share", with("metrics: [{ name: kv_cache_usage_perc, value: 80 }]"),
                       "s.yaml:4:94: a share of the KV cache is at most 1"},
        ScalingMistake{"key_of_another", with("policy: wva_v1, tolerance: 0.1"),
                       "s.yaml:4:64: unknown key `tolerance`"},
        ScalingMistake{"target_of_another", with("policy: wva_v1, optimization_target: latency"),
                       "s.yaml:4:64: unknown key `optimization_target`"},
        ScalingMistake{
            "targets_for_latencies", with("policy: dynamo_planner, optimization_target: sla"),
            "s.yaml:4:93: of Dynamo's planner, targets for latencies and thresholds of one's own are not "
            "modelled",
            ErrorKind::not_modelled},
        ScalingMistake{"limits", with("min_replicas: 5, " + kMetrics),
                       "s.yaml:4:62: there are more replicas at least than at most"},
        ScalingMistake{"start_beyond", "replicas: 5\n" + with(kMetrics),
                       "s.yaml:4:11: `replicas`, of the beginning, is not within those of `autoscaling`"},
        ScalingMistake{"ranks", "engine: { data_parallel_size: 2 }\n" + with(kMetrics),
                       "s.yaml:5:1: scaling servers of several data-parallel engines is not modelled",
                       ErrorKind::not_modelled},
        ScalingMistake{"store", "engine: { kv_offloading_size: 100 }\n" + with(kMetrics),
                       "s.yaml:5:1: a store of KV blocks, or resets of the prefix cache, beside replicas "
                       "that come and go are "
                       "not modelled",
                       ErrorKind::not_modelled},
        ScalingMistake{"one_vllm", "router: { policy: vllm_balance }\n" + with(kMetrics),
                       "s.yaml:4:19: the engines of one vLLM do not come and go"},
        ScalingMistake{"of_no_pool", "pools: [{ name: a }]\n" + with(kMetrics),
                       "s.yaml:5:1: `autoscaling` beside `pools` is of no pool"},
        ScalingMistake{"prefill",
                       "pools:\n- { name: a, role: prefill, " +
                           with(kMetrics).substr(0, with(kMetrics).size() - 1) +
                           " }\n- { name: b, role: decode }\n",
                       "s.yaml:5:29: prefill and decode pools whose replicas come and go are not modelled",
                       ErrorKind::not_modelled}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace blis
