// What is asked of the engine and not simulated: refused, or left out without a claim of accuracy.
#include "scenarios/not_modelled.h"

#include <gtest/gtest.h>

#include "problems.h"
#include "scenarios/build.h"

namespace blis {
namespace {

ScenarioSettings scenario(const std::string& engine, const std::string& more = "",
                          const std::string& gpu = "H100") {
  return parse_settings("version: 1\nmodel: llama-3.1-8b-instruct\nhardware: { gpu: " + gpu +
                            " }\nengine: { " + engine +
                            " }\nworkload:\n  kind: synthetic\n  num_requests: 5\n"
                            "  arrival: { process: poisson, request_rate: 1 }\n"
                            "  input_tokens: { distribution: constant, value: 100 }\n"
                            "  output_tokens: { distribution: constant, value: 10 }\n" +
                            more,
                        "s.yaml", "");
}

const Catalog& shipped() {
  static const Catalog catalog(BLIS_SOURCE_DIR);
  return catalog;
}

TEST(NotModelled, ReleasesBeforeV1AreRefusedAtTheirPlace) {
  for (const char* const version : {"'0.5'", "'0.6.3'", "v0.7", "2024-06-01"}) {
    const Said said = said_by([&] { resolve(scenario(std::string("vllm_version: ") + version), shipped()); });
    EXPECT_EQ(said.kind, ErrorKind::not_modelled) << version;
    EXPECT_NE(said.heads.at(0).find("s.yaml:4:25: "), std::string::npos) << said.heads[0];
    EXPECT_NE(said.all.find("runs the engine V0"), std::string::npos) << said.all;
    EXPECT_NE(said.all.find("--allow-unmodelled"), std::string::npos) << said.all;
  }
}

TEST(NotModelled, SoIsWhat08RunsOnV0) {
  struct Case {
    const char *setting, *said;
  };
  for (const Case& c :
       {Case{"scheduling_policy: priority", "scheduling by priority"},
        Case{"speculative: { method: ngram, num_speculative_tokens: 1, acceptance: [0.5] }", "drafts"},
        Case{"dtype: float32", "32-bit floats"}, Case{"pipeline_parallel_size: 2", "stages without Ray"}}) {
    const std::string setting = c.setting;
    const Said said = said_by([&] { resolve(scenario("vllm_version: '0.8.5', " + setting), shipped()); });
    EXPECT_EQ(said.kind, ErrorKind::not_modelled) << setting;
    EXPECT_NE(said.all.find(c.said), std::string::npos) << said.all;
    EXPECT_NO_THROW(resolve(scenario("vllm_version: '0.9', " + setting), shipped())) << setting;
  }
  EXPECT_NO_THROW(resolve(scenario("vllm_version: '0.8.5'"), shipped()));
}

TEST(NotModelled, An8BitCacheNeedsHopperIn08) {
  const std::string engine = "vllm_version: '0.8.5', kv_cache_dtype: fp8";
  EXPECT_NO_THROW(resolve(scenario(engine, "", "H100"), shipped()));
  EXPECT_EQ(said_by([&] { resolve(scenario(engine, "", "A100"), shipped()); }).kind, ErrorKind::not_modelled);
}

TEST(NotModelled, WhatACommandLineAskedForInVainCountsToo) {
  const std::string left_out = "left_out: [--max-loras 4, --enable-lora]\n";
  const Said said = said_by([&] { resolve(scenario("", left_out), shipped()); });
  EXPECT_EQ(said.kind, ErrorKind::not_modelled);
  EXPECT_EQ(said.heads.size(), 2u) << said.all;
  const ResolvedScenario allowed = resolve(scenario("", left_out + "allow_unmodelled: true\n"), shipped());
  EXPECT_EQ(allowed.not_modelled, (std::vector<std::string>{"--max-loras 4", "--enable-lora"}));
  ASSERT_FALSE(allowed.warnings.empty());
  EXPECT_NE(allowed.warnings[0].find("UNSCORED: what follows leaves out parts of what was asked for"),
            std::string::npos)
      << allowed.warnings[0];
}

// Gemma 4's windows have blocks of as many tokens as fit the pages of the layers that see everything.
TEST(NotModelled, DraftsDropABlockOfOneSizeOnly) {
  const auto resolved = [](const std::string& engine) {
    ScenarioSettings settings = scenario("max_model_len: 4096, " + engine);
    settings.model = "gemma-4-e4b-it";
    return resolve(settings, shipped());
  };
  const ResolvedScenario plain = resolved("enable_prefix_caching: true");
  EXPECT_TRUE(plain.kv.layout.has_unequal_blocks());
  EXPECT_EQ(plain.kv.layout.match_size(), 32);
  EXPECT_EQ(plain.scenario.engine.enable_prefix_caching, true);
  EXPECT_TRUE(plain.not_modelled.empty());

  const std::string drafts = "speculative: { method: eagle3, num_speculative_tokens: 1, acceptance: [0.5] }";
  const Said said = said_by([&] { resolved("enable_prefix_caching: true, " + drafts); });
  EXPECT_EQ(said.kind, ErrorKind::not_modelled);
  EXPECT_NE(said.all.find("beside drafts is not modelled"), std::string::npos) << said.all;
  EXPECT_NO_THROW(resolved("enable_prefix_caching: false, " + drafts));
  EXPECT_NO_THROW(resolved("speculative: { method: ngram, num_speculative_tokens: 1, acceptance: [0.5] }"));
  // A place that ends within the larger block is none.
  EXPECT_EQ(said_by([&] { resolved("prefix_cache_retention_interval: 48"); }).kind, ErrorKind::usage);
}

TEST(NotModelled, AWrittenScenarioLeavesOutTheSame) {
  const ScenarioSettings before = scenario("", "left_out: ['--a \"b\"', 'c: d']\nallow_unmodelled: true\n");
  const ScenarioSettings after = parse_settings(to_yaml(before, ""), "again.yaml", "");
  EXPECT_EQ(after.left_out, before.left_out);
}

}  // namespace
}  // namespace blis
