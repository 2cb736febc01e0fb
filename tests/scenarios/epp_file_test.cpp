#include "scenarios/epp_file.h"

#include <gtest/gtest.h>

#include "sim/fleet/epp/plugin.h"
#include "tests/scenarios/problems.h"

namespace blis {
namespace {

const std::string kHead = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n";

struct Read {
  EppConfig config;
  std::vector<std::string> warnings;
};
Read read(const std::string& text, const std::string& name = "epp.yaml") {
  Read all;
  all.config = parse_epp(text, name, all.warnings);
  return all;
}

// "type*weight(producer)" of each scorer, then the picker.
std::string shown(const EppConfig& config) {
  std::string text;
  for (const std::size_t i : config.profile.filters) text += config.plugins[i].name + " | ";
  for (const auto& [i, weight] : config.profile.scorers) {
    text += config.plugins[i].name + "*" + std::to_string(static_cast<int>(weight * 10)) + " ";
  }
  return text + "-> " + std::string(config.plugins[config.profile.picker].type->type);
}

TEST(EppFile, ReadsAProfileWithItsWeightsInOrder) {
  const Read r = read(kHead + R"(plugins:
- type: queue-scorer
- { type: prefix-cache-scorer, name: prefix }
- type: random-picker
schedulingProfiles:
- name: default
  plugins:
  - { pluginRef: prefix, weight: 3 }
  - pluginRef: queue-scorer
  - pluginRef: random-picker
)");
  EXPECT_EQ(shown(r.config), "prefix*30 queue-scorer*10 -> random-picker");
  ASSERT_EQ(r.config.producers.size(), 1u) << "made, since none is declared";
  EXPECT_TRUE(r.config.producers[0].auto_tune);
  EXPECT_EQ(r.config.producers[0].lru_capacity, 31'250);
  EXPECT_TRUE(r.warnings.empty());
}

// The guide to prefill apart from decode.
const std::string kApart = kHead + R"(plugins:
- type: disagg-headers-handler
- { type: prefix-based-pd-decider, parameters: { nonCachedTokens: 512, promptTokens: 600 } }
- { type: disagg-profile-handler, parameters: { deciders: { prefill: prefix-based-pd-decider } } }
- type: prefill-filter
- type: decode-filter
- type: prefix-cache-scorer
- type: queue-scorer
- type: active-request-scorer
- type: random-picker
schedulingProfiles:
- name: prefill
  plugins: [{ pluginRef: prefill-filter }, { pluginRef: prefix-cache-scorer, weight: 3 }, { pluginRef: queue-scorer }]
- name: decode
  plugins: [{ pluginRef: decode-filter }, { pluginRef: active-request-scorer, weight: 2 }]
)";

TEST(EppFile, ReadsAProfileForEachRoleAndTheDecider) {
  Read r = read(kApart);
  EXPECT_TRUE(r.warnings.empty()) << r.warnings[0];
  EXPECT_EQ(shown(r.config), "active-request-scorer*20 -> random-picker");
  ASSERT_TRUE(r.config.disaggregation);
  EXPECT_EQ(r.config.disaggregation->non_cached_tokens, 512);
  EXPECT_EQ(r.config.disaggregation->prompt_tokens, 600);
  r.config.profile = r.config.disaggregation->prefill;
  EXPECT_EQ(shown(r.config), "prefix-cache-scorer*30 queue-scorer*10 -> random-picker");
}

TEST(EppFile, FillsInWhatTheLoaderDoes) {
  EXPECT_EQ(shown(default_epp()),
            "queue-scorer*20 kv-cache-utilization-scorer*20 prefix-cache-scorer*30 -> max-score-picker");
  const Read all = read(kHead + "plugins:\n- type: queue-scorer\n- type: prefix-cache-affinity-filter\n");
  EXPECT_EQ(shown(all.config), "prefix-cache-affinity-filter | queue-scorer*10 -> max-score-picker")
      << "without a profile all plugins are one";
  const Read first =
      read(kHead + R"(plugins: [{ type: random-picker }, { type: queue-scorer }, { type: max-score-picker }]
schedulingProfiles: [{ name: a, plugins: [{ pluginRef: queue-scorer }] }]
)");
  EXPECT_EQ(shown(first.config), "queue-scorer*10 -> random-picker") << "the first one that is declared";
}

TEST(EppFile, TheScorerOf2025BringsItsOwnIndex) {
  const Read r = read(R"(apiVersion: inference.networking.x-k8s.io/v1alpha1
kind: EndpointPickerConfig
plugins:
- type: single-profile-handler
- type: prefix-cache-scorer
  parameters: { hashBlockSize: 128, lruCapacityPerServer: 500 }
- type: kv-cache-scorer
schedulingProfiles:
- { name: default, plugins: [{ pluginRef: kv-cache-scorer }, { pluginRef: prefix-cache-scorer }] }
)");
  EXPECT_EQ(shown(r.config), "kv-cache-scorer*10 prefix-cache-scorer*10 -> max-score-picker");
  ASSERT_EQ(r.config.producers.size(), 1u);
  const PrefixProducer& own = r.config.producers[0];
  EXPECT_TRUE(own.of_2025);
  EXPECT_EQ(own.block_tokens, 32) << "128 characters";
  EXPECT_EQ(own.max_blocks, 256);
  EXPECT_EQ(own.lru_capacity, 500);
}

TEST(EppFile, ProducersAreFoundByName) {
  const Read r = read(kHead + R"(plugins:
- { type: approx-prefix-cache-producer, name: gpu }
- { type: approx-prefix-cache-producer, name: cpu, parameters: { autoTune: false, lruCapacityPerServer: 82000 } }
- { type: prefix-cache-scorer, name: a, parameters: { prefixMatchInfoProducerName: gpu } }
- { type: prefix-cache-scorer, name: b, parameters: { prefixMatchInfoProducerName: cpu } }
)");
  ASSERT_EQ(r.config.producers.size(), 2u);
  EXPECT_EQ(r.config.plugins[0].producer, 0u);
  EXPECT_EQ(r.config.plugins[1].producer, 1u);
  EXPECT_EQ(r.config.producers[1].lru_capacity, 82'000);
}

TEST(EppFile, HelmValuesHoldOne) {
  for (const std::string where : {"router: { epp: { PLACE } }\n", "inferenceExtension: { PLACE }\n"}) {
    std::string text = where;
    text.replace(text.find("PLACE"), 5,
                 "pluginsConfigFile: b.yaml, pluginsCustomConfig: { a.yaml: \"\", b.yaml: \"apiVersion: "
                 "llm-d.ai/v1alpha1\\nkind: EndpointPickerConfig\\nplugins: [{type: queue-scorer}]\\n\" }");
    EXPECT_EQ(shown(read(text, "values.yaml").config), "queue-scorer*10 -> max-score-picker");
  }
}

TEST(EppFile, WhatChangesNothingOrIsNotInUseIsSaid) {
  const Read r = read(kHead + R"(featureGates: [flowControl=false, somethingNew]
flowControl: { maxRequests: 100 }
plugins: [{ type: queue-scorer }, { type: latency-scorer }]
schedulingProfiles: [{ name: a, plugins: [{ pluginRef: queue-scorer }] }]
)");
  EXPECT_EQ(
      r.warnings,
      (std::vector<std::string>{
          "epp.yaml: the feature gate `somethingNew` changes nothing here",
          "epp.yaml: of `flowControl` only the saturation detector is in force without its feature gate",
          "epp.yaml: the plugin `latency-scorer` is not modelled"}));
}

struct EppMistake {
  const char* name;
  std::string text;
  std::string head;  // of the only problem
  std::string also = "";
};

class EppMistakes : public testing::TestWithParam<EppMistake> {};

TEST_P(EppMistakes, AreReportedAtTheirPlace) {
  const Said said = said_by([] { read(GetParam().text); });
  const bool is_right = GetParam().head.ends_with("is not modelled");
  EXPECT_EQ(said.kind, is_right ? ErrorKind::not_modelled : ErrorKind::usage);
  ASSERT_EQ(said.heads, std::vector<std::string>{GetParam().head});
  EXPECT_NE(said.all.find(GetParam().also), std::string::npos) << said.all;
}

INSTANTIATE_TEST_SUITE_P(
    All, EppMistakes,
    testing::Values(
        EppMistake{"kind", "apiVersion: llm-d.ai/v1alpha1\nkind: InferencePool\n",
                   "epp.yaml:2:7: `kind` has a wrong value"},
        EppMistake{"plugin", kHead + "plugins:\n- type: queu-scorer\n",
                   "epp.yaml:4:9: no plugin of llm-d is called `queu-scorer`",
                   "did you mean `queue-scorer`?"},
        EppMistake{"reference",
                   kHead +
                       "plugins: [{ type: queue-scorer }]\nschedulingProfiles:\n- name: a\n  plugins:\n  - "
                       "pluginRef: que-scorer\n",
                   "epp.yaml:7:16: no plugin is called `que-scorer`", "did you mean `queue-scorer`?"},
        EppMistake{"weight",
                   kHead +
                       "plugins: [{ type: queue-scorer }]\nschedulingProfiles:\n- name: a\n  plugins:\n  - { "
                       "pluginRef: queue-scorer, weight: -1 }\n",
                   "epp.yaml:7:40: `schedulingProfiles.0.plugins.0.weight` has a wrong value"},
        EppMistake{"parameter",
                   kHead + "plugins:\n- type: load-aware-scorer\n  parameters: { treshold: 5 }\n",
                   "epp.yaml:5:17: unknown key `treshold`", "threshold"},
        EppMistake{"twice", kHead + "plugins: [{ type: queue-scorer }, { type: queue-scorer }]\n",
                   "epp.yaml:3:35: two plugins are called `queue-scorer`"},
        EppMistake{"not_simulated",
                   kHead +
                       "plugins: [{ type: latency-scorer }]\nschedulingProfiles:\n- name: a\n  plugins:\n  - "
                       "pluginRef: latency-scorer\n",
                   "epp.yaml:7:16: the plugin `latency-scorer` is not modelled"},
        EppMistake{
            "profile_handler",
            kHead +
                "plugins: [{ type: disagg-profile-handler }, { type: queue-scorer }]\nschedulingProfiles: [{ "
                "name: a, plugins: [{ pluginRef: queue-scorer }] }]\n",
            "epp.yaml:4:30: no handler runs the profile `a`"},
        EppMistake{"filter_of_the_other_role",
                   std::string(kApart).replace(kApart.find("[{ pluginRef: decode-filter"), 27,
                                               "[{ pluginRef: prefill-filter"),
                   "epp.yaml:17:26: the plugin `prefill-filter` is not modelled"},
        EppMistake{
            "never_apart", std::string(kApart).replace(kApart.find("512"), 3, "0"),
            "epp.yaml:5:11: with `nonCachedTokens: 0` no prompt is computed by the endpoints for prefill"},
        EppMistake{
            "unknown_decider",
            std::string(kApart).replace(kApart.find("prefill: prefix-based"), 21, "prefill: prefix-bosed"),
            "epp.yaml:6:11: no decider is called `prefix-bosed-pd-decider`"},
        EppMistake{"another_profile",
                   std::string(kApart).replace(kApart.find("name: decode"), 12, "name: encode"),
                   "epp.yaml:16:9: no handler runs the profile `encode`", "decode or prefill"},
        EppMistake{"not_simulated_without_profiles",
                   kHead + "plugins: [{ type: queue-scorer }, { type: prefill-filter }]\n",
                   "epp.yaml:3:43: the plugin `prefill-filter` is not modelled"},
        EppMistake{"producer",
                   kHead + "plugins:\n- { type: approx-prefix-cache-producer, name: gpu }\n- { type: "
                           "prefix-cache-scorer, parameters: { prefixMatchInfoProducerName: cpu } }\n",
                   "epp.yaml:5:75: no producer of prefix matches is called `cpu`", "did you mean `gpu`?"},
        EppMistake{"precise_producer",
                   kHead + "plugins:\n- type: precise-prefix-cache-producer\n- { type: prefix-cache-scorer, "
                           "parameters: { prefixMatchInfoProducerName: precise-prefix-cache-producer } }\n",
                   "epp.yaml:5:75: the plugin `precise-prefix-cache-producer` is not modelled"},
        EppMistake{
            "two_profiles",
            kHead +
                "plugins: [{ type: queue-scorer }]\nschedulingProfiles:\n- { name: prefill, plugins: [] }\n"
                "- { name: decode, plugins: [] }\n",
            "epp.yaml:6:11: nothing puts two scheduling profiles together"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace blis
