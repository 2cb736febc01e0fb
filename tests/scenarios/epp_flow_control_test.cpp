// Flow control as the file of llm-d's picker says it.
#include <gtest/gtest.h>

#include <array>

#include "scenarios/build.h"
#include "scenarios/epp_file.h"
#include "scenarios/kubernetes_values.h"
#include "sim/fleet/epp/plugin.h"
#include "tests/scenarios/problems.h"
#include "tests/scenarios/temp_folder.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

const std::string kOpen =
    "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\nfeatureGates: [flowControl]\n";

FlowControlConfig read_flow(const std::string& text) {
  std::vector<std::string> warnings;
  return parse_epp(text, "epp.yaml", warnings).flow_control;
}

TEST(EppFlowControl, TheGateAloneMeansWhatTheLoaderFillsIn) {
  const FlowControlConfig flow = read_flow(kOpen + "plugins: [{ type: queue-scorer }]\n");
  ASSERT_TRUE(flow.queueing);
  EXPECT_EQ(flow.saturated.kind, SaturationRule::Kind::utilization);
  EXPECT_EQ(flow.saturated.queue_depth, 5);
  EXPECT_EQ(flow.saturated.kv_usage, 0.8);
  EXPECT_EQ(flow.queueing->ttl, 60s);
  EXPECT_EQ(flow.queueing->max_requests, 0);
  EXPECT_EQ(flow.queueing->other_band.max_requests, 5000);
  EXPECT_EQ(flow.queueing->other_band.max_bytes, 1'000'000'000);
  EXPECT_EQ(flow.queueing->other_band.fairness, Fairness::global_strict);
  EXPECT_TRUE(flow.queueing->bands.empty());
}

// Of the guide to flow control, June 2026.
TEST(EppFlowControl, ReadsBandsDetectorAndPolicies) {
  const FlowControlConfig flow = read_flow(kOpen + R"(plugins:
- type: queue-scorer
- type: round-robin-fairness-policy
- type: slo-deadline-ordering-policy
- { type: concurrency-detector, name: detector, parameters: { maxConcurrency: 132 } }
- { type: priority-holdback-policy, name: holdback, parameters: { minCeiling: 0.5, domain: value } }
flowControl:
  maxRequests: 1k
  maxBytes: 1Gi
  defaultRequestTTL: 1m30s
  saturationDetector: { pluginRef: detector }
  usageLimitPolicyPluginRef: holdback
  defaultNegativePriorityBand: { maxRequests: 10 }
  priorityBands:
  - { priority: 100, maxRequests: 500, fairnessPolicyRef: round-robin-fairness-policy }
  - { priority: 0, maxRequests: 0, orderingPolicyRef: slo-deadline-ordering-policy }
)");
  EXPECT_EQ(flow.saturated.kind, SaturationRule::Kind::concurrency);
  EXPECT_EQ(flow.saturated.concurrency, 132);
  const QueueingConfig& queueing = *flow.queueing;
  EXPECT_EQ(queueing.max_requests, 1000);
  EXPECT_EQ(queueing.max_bytes, 1 << 30);
  EXPECT_EQ(queueing.ttl, 90s);
  EXPECT_EQ(queueing.limit.lowest, 0.5);
  EXPECT_FALSE(queueing.limit.by_rank);
  ASSERT_EQ(queueing.bands.size(), 2u);
  EXPECT_EQ(queueing.bands[0].max_requests, 500);
  EXPECT_EQ(queueing.bands[0].fairness, Fairness::round_robin);
  EXPECT_EQ(queueing.bands[1].max_requests, 5000) << "0 is what it is where nobody says";
  EXPECT_EQ(queueing.bands[1].order, FlowOrder::slo_deadline);
  EXPECT_EQ(queueing.negative_band->max_requests, 10);
}

TEST(EppFlowControl, TheDetectorCountsWithoutTheGateInItsOlderPlaceToo) {
  const std::string head = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n";
  const FlowControlConfig older = read_flow(head + R"(plugins:
- type: queue-scorer
- { type: utilization-detector, parameters: { queueDepthThreshold: 7, metricsStalenessThreshold: 300ms } }
saturationDetector: { pluginRef: utilization-detector }
)");
  EXPECT_FALSE(older.queueing);
  EXPECT_EQ(older.saturated.queue_depth, 7);
  EXPECT_EQ(older.saturated.stale_after, 300ms);
  EXPECT_EQ(read_flow(head + R"(plugins:
- type: queue-scorer
- { type: utilization-detector, parameters: { queueDepthThreshold: 7 } }
)")
                .saturated.queue_depth,
            7)
      << "the one of that name, as it is declared";
}

struct FlowMistake {
  const char* name;
  std::string text;
  const char* message;
  bool not_modelled = false;
};
class EppFlowMistakes : public testing::TestWithParam<FlowMistake> {};

TEST_P(EppFlowMistakes, AreRefusedWithTheirLine) {
  const Said said = said_by([] { read_flow(kOpen + GetParam().text); });
  EXPECT_EQ(said.kind, GetParam().not_modelled ? ErrorKind::not_modelled : ErrorKind::usage);
  ASSERT_EQ(said.heads.size(), 1u) << said.all;
  EXPECT_NE(said.heads[0].find(GetParam().message), std::string::npos) << said.all;
}

INSTANTIATE_TEST_SUITE_P(
    All, EppFlowMistakes,
    testing::Values(
        FlowMistake{"quantity", "plugins: []\nflowControl: { maxRequests: many }\n",
                    "epp.yaml:5:29: this is no quantity"},
        FlowMistake{"negative", "plugins: []\nflowControl: { maxBytes: -5 }\n",
                    "epp.yaml:5:26: this is no quantity"},
        FlowMistake{"duration", "plugins: []\nflowControl: { defaultRequestTTL: 60 }\n",
                    "this is no duration"},
        FlowMistake{"key", "plugins: []\nflowControl: { maxRequest: 5 }\n", "unknown key `maxRequest`"},
        FlowMistake{"twice",
                    "plugins: []\nflowControl: { priorityBands: [{ priority: 1 }, { priority: 1 }] }\n",
                    "two bands have the priority 1"},
        FlowMistake{"undeclared",
                    "plugins: []\nflowControl: { priorityBands: [{ fairnessPolicyRef: "
                    "round-robin-fairness-policy }] }\n",
                    "no plugin is called `round-robin-fairness-policy`"},
        FlowMistake{"other_kind",
                    "plugins: [{ type: queue-scorer }]\nflowControl: { priorityBands: [{ fairnessPolicyRef: "
                    "queue-scorer }] }\n",
                    "the plugin `queue-scorer` is not for this"},
        FlowMistake{"detector", "plugins: []\nflowControl: { saturationDetector: { pluginRef: mine } }\n",
                    "no saturation detector is called `mine`"},
        FlowMistake{"ceiling",
                    "plugins: [{ type: priority-holdback-policy, parameters: { minCeiling: 0.9, maxCeiling: "
                    "0.5 } }]\n",
                    "minCeiling is not below maxCeiling"},
        FlowMistake{
            "for_ever",
            "plugins: [{ type: priority-holdback-policy, parameters: { minCeiling: 0 } }]\n"
            "flowControl: { defaultRequestTTL: 0s, usageLimitPolicyPluginRef: priority-holdback-policy }\n",
            "would wait for ever"},
        FlowMistake{"eviction", "plugins: []\nflowControl: { enableEviction: true }\n",
                    "evicting requests in flight is not modelled", true},
        FlowMistake{
            "soft_limit",
            "plugins: [{ type: soft-reflective-ceiling-policy }]\nflowControl: { usageLimitPolicyPluginRef: "
            "soft-reflective-ceiling-policy }\n",
            "the plugin `soft-reflective-ceiling-policy` is not modelled", true},
        FlowMistake{"fairness",
                    "plugins: [{ type: program-aware-fairness }]\nflowControl: { defaultPriorityBand: { "
                    "fairnessPolicyRef: program-aware-fairness } }\n",
                    "the plugin `program-aware-fairness` is not modelled", true},
        FlowMistake{"tokens",
                    "plugins: [{ type: concurrency-detector, parameters: { concurrencyMode: tokens } }]\n",
                    "detecting saturation by tokens in flight is not modelled", true}),
    [](const auto& info) { return std::string(info.param.name); });

const std::string kShort =
    "input_tokens: { distribution: constant, value: 500 }, output_tokens: { distribution: constant, value: "
    "20 }";
std::string scenario(const std::string& router, const std::string& flow) {
  return "version: 1\nmodel: meta-llama/Llama-3.1-8B-Instruct\nhardware: { gpu: H100 }\nengine: { "
         "max_model_len: "
         "8192, max_num_seqs: 4 }\nrouter: " +
         router + R"(
workload:
  kind: synthetic
  num_requests: 200
  arrival: { process: poisson, request_rate: 60 }
  clients:
  - { name: online, )" +
         kShort + ", flow: { priority: 10, slo_ttft_ms: 200 } }\n  - { name: batch, " + kShort + flow +
         " }\n";
}
BuiltSimulation built(const std::string& text) {
  return build(parse_settings(text, "s.yaml", ""), Catalog(BLIS_SOURCE_DIR));
}

TEST(EppFlowControl, ClientsSayTheirPriorityAndWhoeverIsLowerWaitsLonger) {
  const TempFolder folder;
  folder.write("epp.yaml", kOpen + R"(plugins:
- type: queue-scorer
- { type: concurrency-detector, parameters: { maxConcurrency: 4 } }
flowControl:
  saturationDetector: { pluginRef: concurrency-detector }
  defaultNegativePriorityBand: { maxRequests: 20 }
)");
  BuiltSimulation b = built(scenario("{ policy: epp, config: " + folder.path() + "/epp.yaml }",
                                     ", flow: { priority: -1, fairness_id: night }"));
  ASSERT_EQ(b.config.flows.size(), 2u);
  EXPECT_EQ(b.config.flows[0].priority, 10);
  EXPECT_EQ(b.config.flows[0].ttft_slo, 200ms);
  EXPECT_EQ(b.config.flows[1].fairness_id, "night");
  const RunResult result = simulate(b.config, *b.source);
  std::array<int, kOutcomes> batch{}, online{};
  for (const RequestRecord& r : result.requests) {
    ++(r.client == 0 ? online : batch)[static_cast<std::size_t>(r.outcome)];
  }
  EXPECT_GT(batch[static_cast<std::size_t>(Outcome::refused)], 0);
  EXPECT_EQ(online[static_cast<std::size_t>(Outcome::refused)], 0);
}

TEST(EppFlowControl, OtherRoutersAndPluginsThatAreNotModelledRefuseTheFlowsOfClients) {
  const Said other = said_by([] { built(scenario("{ policy: random }", "")); });
  EXPECT_EQ(other.kind, ErrorKind::usage);
  EXPECT_NE(other.heads[0].find("s.yaml:11:"), std::string::npos) << other.all;
  EXPECT_NE(other.heads[0].find("the router `random` knows no flows"), std::string::npos) << other.all;
  const TempFolder folder;
  folder.write("epp.yaml", kOpen + "plugins: [{ type: queue-scorer }, { type: probabilistic-admitter }]\n");
  const std::string router = "{ policy: epp, config: " + folder.path() + "/epp.yaml }";
  EXPECT_NO_THROW(built(scenario(router, "")));
  const Said admitter = said_by([&] { built(scenario(router, ", flow: { priority: -1 }")); });
  EXPECT_EQ(admitter.kind, ErrorKind::not_modelled);
}

TEST(EppFlowControl, WithoutItsGateAPriorityThatIsNotNegativeIsSaidToChangeNothing) {
  const BuiltSimulation b = built(scenario("{ policy: epp }", ""));
  EXPECT_FALSE(b.config.flow_control);
  ASSERT_FALSE(b.warnings.empty());
  EXPECT_NE(b.warnings[0].find("changes nothing"), std::string::npos) << b.warnings[0];
  EXPECT_TRUE(built(scenario("{ policy: epp }", ", flow: { priority: -5 }")).config.flow_control);
}

TEST(KubernetesValues, AreReadAsTheyAreWritten) {
  EXPECT_EQ(kubernetes_quantity("500"), 500);
  EXPECT_EQ(kubernetes_quantity("1.5k"), 1500);
  EXPECT_EQ(kubernetes_quantity("512Mi"), 512 << 20);
  EXPECT_EQ(kubernetes_quantity("1500m"), 2) << "rounded up";
  for (const char* const none : {"", "k", "1 G", "1KB", "-1", "1e400", "nan", "1..2"}) {
    EXPECT_FALSE(kubernetes_quantity(none)) << none;
  }
  EXPECT_EQ(go_duration_s("1m30s"), 90);
  EXPECT_EQ(go_duration_s("0"), 0);
  EXPECT_EQ(go_duration_s("1.5h"), 5400);
  for (const char* const none : {"", "60", "s", "1m30", "-1s", "1 s", "1d"}) {
    EXPECT_FALSE(go_duration_s(none)) << none;
  }
}

}  // namespace
}  // namespace blis
