// LoRA adapters, structured output and drafts of a scenario: how they reach the engine, and what is refused.
#include <gtest/gtest.h>

#include "problems.h"
#include "scenarios/adapter_rules.h"
#include "scenarios/build.h"
#include "settings.h"

namespace blis {
namespace {

constexpr const char* kAdaptersScenario = R"(version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
engine:
  lora: { adapters: [sql, chat], max_loras: 1, max_cpu_loras: 2, load_ms: 200, activate_ms: 3, slowdown: 0.2 }
  grammar_compile_ms: 40
workload:
  kind: synthetic
  num_requests: 40
  arrival: { process: poisson, request_rate: 5 }
  clients:
    - { name: plain, input_tokens: { distribution: constant, value: 50 }, output_tokens: { distribution: constant, value: 5 } }
    - name: asks
      loras: [chat, sql]
      structured_output: 0.5
      input_tokens: { distribution: constant, value: 50 }
      output_tokens: { distribution: constant, value: 5 }
)";

ResolvedScenario resolved_adapters(const std::vector<std::string>& settings) {
  return blis::resolved(kAdaptersScenario, settings);
}
std::string refusal(const std::vector<std::string>& settings) {
  return said_by([&] { resolved_adapters(settings); }).all;
}

TEST(Adapters, ReachTheEngineAndTheRequests) {
  BuiltSimulation built = build(resolved_adapters({}));
  const EngineConfig config = engine_config(built.resolved);
  EXPECT_EQ(config.scheduler.max_loras, 1);
  EXPECT_EQ(config.adapters.in_host_memory, 2);
  EXPECT_EQ(config.adapters.load, std::chrono::milliseconds{200});
  EXPECT_EQ(config.adapters.activate, std::chrono::milliseconds{3});
  EXPECT_EQ(config.adapters.slowdown, 0.2);
  EXPECT_EQ(config.adapters.listed, 2);
  EXPECT_EQ(config.grammar_compile, std::chrono::milliseconds{40});
  RequestSpec spec;
  int by_adapter[3] = {}, structured = 0, of_client = 0;
  while (built.source->next(spec)) {
    ASSERT_LE(spec.adapter, 2);
    ++by_adapter[spec.adapter];
    structured += spec.structured_output;
    of_client += spec.client == 1;
    EXPECT_EQ(spec.adapter > 0, spec.client == 1);
  }
  EXPECT_GT(by_adapter[1], 0);
  EXPECT_GT(by_adapter[2], 0);
  EXPECT_GT(structured, 0);
  EXPECT_LT(structured, of_client);
}

TEST(Adapters, ContradictionsAreRefusedWhereTheyStand) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"workload.clients.1.loras=[sqk]"},
       "--set workload.clients.1.loras=[sqk]: no adapter `sqk` is listed"},
      {{"engine.lora=null"}, "no adapter `chat` is listed in `engine.lora.adapters`"},
      {{"engine.grammar_compile_ms=null"}, "nobody has said how long it takes to compile"},
      {{"engine.lora.max_lora_rank=20"}, "--set engine.lora.max_lora_rank=20: vLLM has no `max_lora_rank`"},
      {{"engine.lora.max_loras=3"}, "`engine.lora.max_cpu_loras` is smaller than `engine.lora.max_loras`"},
      {{"model=gpt-oss-20b"}, "has experts, whose LoRA adapters are not modelled"},
      {{"engine.lora.adapters=[]"}, "`engine.lora.adapters` names no adapter"},
  };
  for (const auto& [settings, message] : cases) {
    EXPECT_NE(refusal(settings).find(message), std::string::npos) << message << "\n" << refusal(settings);
  }
}

TEST(Adapters, WhatTheyCostMustBeSaid) {
  const std::string text = R"(version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
engine: { lora: { adapters: [sql] } }
workload: { kind: trace, path: t.csv }
)";
  EXPECT_EQ(said_by([&] { parse_settings(text, "s.yaml", ""); }).heads,
            (std::vector<std::string>{"s.yaml:4:11: missing key `engine.lora.load_ms`",
                                      "s.yaml:4:11: missing key `engine.lora.activate_ms`",
                                      "s.yaml:4:11: missing key `engine.lora.slowdown`"}));
}

TEST(Adapters, AreEachListedOnce) {
  EXPECT_NE(refusal({"engine.lora.adapters=[sql, chat, sql]"}).find("adapter `sql` is listed twice"),
            std::string::npos);
}

TEST(DraftModel, HasTheVocabularyOfTheModel) {
  const std::vector<std::string> drafts{"engine.lora=null",
                                        "workload.clients.1.loras=[]",
                                        "engine.speculative.method=draft_model",
                                        "engine.speculative.num_speculative_tokens=3",
                                        "engine.speculative.acceptance=[0.7, 0.5, 0.3]",
                                        "engine.speculative.model=qwen3-0.6b"};
  const std::string said = refusal(drafts);
  EXPECT_NE(said.find("the draft model `qwen3-0.6b` has another vocabulary"), std::string::npos) << said;
}

}  // namespace
}  // namespace blis
