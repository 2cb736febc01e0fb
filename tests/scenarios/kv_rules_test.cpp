// What the KV cache keeps of layers that are not alike, as scenarios ask for it.
#include "scenarios/kv_rules.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/build.h"
#include "tests/scenarios/settings.h"

namespace blis {
namespace {

constexpr const char* kWindowScenario = R"(version: 1
model: llama-4-scout-17b-16e-instruct
hardware: { gpu: H200 }
engine: { tensor_parallel_size: 4, max_model_len: 65536 }
workload:
  kind: synthetic
  num_requests: 6
  arrival: { process: at_once }
  input_tokens: { distribution: constant, value: 30000 }
  output_tokens: { distribution: constant, value: 20 }
)";
ResolvedScenario kept(const std::vector<std::string>& settings) {
  return resolved(kWindowScenario, settings);
}

std::vector<KvGroup> groups(const std::vector<std::string>& settings) {
  return engine_config(kept(settings)).scheduler.kv_groups;
}

bool warns(const ResolvedScenario& d, std::string_view what) {
  return std::ranges::any_of(
      d.warnings, [&](const std::string& warning) { return warning.find(what) != std::string::npos; });
}

TEST(KvRules, ChunksAreGroupsOnlyWhereVllmIsToldTo) {
  const KvGroup chunk{.kind = KvKind::chunk, .reach = 8192};
  EXPECT_EQ(groups({}), std::vector<KvGroup>{KvGroup{}});
  EXPECT_EQ(groups({"engine.disable_hybrid_kv_cache_manager=true"}), std::vector<KvGroup>{KvGroup{}});
  const std::vector<std::string> apart{"engine.disable_hybrid_kv_cache_manager=false"};
  EXPECT_EQ(groups(apart), (std::vector<KvGroup>{{}, chunk, chunk, chunk})) << "12 layers, and 36";
  const KvCapacity whole = kept({}).kv, by_groups = kept(apart).kv;
  EXPECT_EQ(whole.block_bytes, 4 * by_groups.block_bytes) << "48 layers in a block, or 12";
  EXPECT_LT(by_groups.longest_request_blocks, whole.longest_request_blocks * 4);
}

TEST(KvRules, ChunksGiveTheirBlocksBack) {
  const auto peak = [](const std::string& disabled) {
    BuiltSimulation built = build(kept({"engine.disable_hybrid_kv_cache_manager=" + disabled}));
    const double block = static_cast<double>(built.resolved.kv.block_bytes);
    const RunResult run = simulate(built.config, *built.source);
    double most = 0;
    const StepLog& steps = run.engines[0].steps;
    for (std::size_t i = 0; i < steps.size(); ++i)
      most = std::max(most, static_cast<double>(steps[i].used_blocks) * block);
    return most;
  };
  // Of 30,000 tokens 36 of 48 layers keep at most a chunk and what is being computed.
  EXPECT_LT(peak("false"), 0.75 * peak("true"));
}

// Answers are found again in windows up to 0.28; from 0.29 on only what stands before a prompt's end.
TEST(KvRules, WhatWindowsKeepFindableIsTheReleases) {
  const auto hits = [](const std::string& version) {
    BuiltSimulation built =
        build(kept({"model=gpt-oss-20b", "engine.tensor_parallel_size=1",
                    "workload.session={turns: {distribution: constant, value: 4}, "
                    "think_time_s: {distribution: constant, value: 5}}",
                    "workload.arrival={process: poisson, request_rate: 2}", "workload.num_requests=40",
                    "workload.input_tokens={distribution: constant, value: 400}",
                    "workload.output_tokens={distribution: constant, value: 300}",
                    "engine.vllm_version='" + version + "'"}));
    const RunResult run = simulate(built.config, *built.source);
    const PrefixStats& prefix = run.engines[0].prefix;
    return static_cast<double>(prefix.hits) / static_cast<double>(prefix.queries);
  };
  const double everywhere = hits("0.28"), before_prompt_ends = hits("0.29");
  EXPECT_GT(everywhere, 0.6);
  EXPECT_LT(before_prompt_ends, 0.8 * everywhere);
  EXPECT_GT(before_prompt_ends, 0.2);
}

TEST(KvRules, WindowsAreKeptWholeWithoutTheManager) {
  const std::vector<std::string> oss{"model=gpt-oss-120b"};
  EXPECT_EQ(groups(oss).size(), 2u);
  const std::vector<std::string> whole{"model=gpt-oss-120b", "engine.disable_hybrid_kv_cache_manager=true"};
  EXPECT_EQ(groups(whole), std::vector<KvGroup>{KvGroup{}});
  EXPECT_EQ(kept(whole).kv.block_bytes, 2 * kept(oss).kv.block_bytes) << "36 layers in a block, or 18";
}

TEST(KvRules, StatesAreKeptOfEveryBlockWhereVllmCan) {
  // A state of 2,129,920 bytes: 1,040 tokens of 2,048 bytes. In chunks of 128 tokens nine of them.
  const std::vector<std::string> nemotron{"model=nemotron-h-8b-base-8k", "engine.tensor_parallel_size=1",
                                          "engine.max_model_len=8192"};
  const auto with = [&](const std::string& mode) {
    std::vector<std::string> settings = nemotron;
    settings.push_back("engine.mamba_cache_mode=" + mode);
    return kept(settings);
  };
  EXPECT_EQ(with("align").kv.layout.block_size, 1040);
  const ResolvedScenario all = with("all");
  EXPECT_EQ(all.kv.layout.block_size, 1152);
  EXPECT_EQ(*all.scenario.engine.mamba_cache_mode, "all");
  const std::vector<KvGroup> kinds = engine_config(all).scheduler.kv_groups;
  const auto states = std::ranges::find(kinds, KvKind::state, &KvGroup::kind);
  ASSERT_NE(states, kinds.end());
  EXPECT_EQ(states->mode, StateMode::all);
  EXPECT_EQ(blocks_of_request(*states, 8192, 1, 1152), 8) << "as many as attention has";
  EXPECT_TRUE(warns(with("none"), "takes mamba_cache_mode none as align: prefixes are cached"));
}

// A scan has no chunks: vLLM takes 2,048 tokens for one.
TEST(KvRules, StatesOfScansAreKeptEvery2048Tokens) {
  const std::vector<std::string> jamba{"model=ai21-jamba-1.5-mini", "engine.mamba_cache_mode=all",
                                       "engine.max_model_len=65536"};
  EXPECT_EQ(kept(jamba).kv.layout.block_size, 2048);
  EXPECT_FALSE(warns(kept(jamba), "mamba_cache_mode"));
}

TEST(KvRules, ModesThatVllmDoesNotKeepAreSaid) {
  EXPECT_TRUE(warns(kept({"engine.mamba_cache_mode=all"}), "mamba_cache_mode changes nothing"));
  const std::vector<std::string> next{"model=qwen3-next-80b-a3b-thinking", "engine.mamba_cache_mode=all"};
  EXPECT_TRUE(warns(kept(next), "takes mamba_cache_mode all as align: `qwen3-next-80b-a3b-thinking` cannot"));
  std::vector<std::string> uncached = next;
  uncached.emplace_back("engine.enable_prefix_caching=false");
  EXPECT_TRUE(warns(kept(uncached), "as none: prefixes are not cached"));
  EXPECT_EQ(*kept(uncached).scenario.engine.mamba_cache_mode, "none");
}

TEST(KvRules, ContradictionsAreRefused) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"model=qwen3-next-80b-a3b-thinking", "engine.disable_hybrid_kv_cache_manager=true"},
       "has caches and states, which vLLM cannot keep without its hybrid KV cache manager"},
      {{"engine.disable_hybrid_kv_cache_manager=false",
        "engine.speculative={method: eagle, num_speculative_tokens: 1, acceptance: [0.5]}"},
       "vLLM makes no groups of layers with chunks beside drafts by `eagle`"},
      {{"engine.disable_hybrid_kv_cache_manager=false", "engine.block_size=48"},
       "chunks of 8192 tokens in blocks of 48 are not modelled"},
      {{"engine.mamba_cache_mode=some"}, "engine.mamba_cache_mode=some"},
  };
  for (const auto& [settings, message] : cases) {
    try {
      kept(settings);
      ADD_FAILURE() << message;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace blis
