// Settings that are not simulated, alone or together: refused as such, and left out where that is allowed.
#include "scenarios/gaps.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "problems.h"
#include "settings.h"
#include "temp_folder.h"

namespace blis {
namespace {

constexpr const char* kScenario = R"(version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
engine: { max_model_len: 4096 }
workload:
  kind: synthetic
  num_requests: 5
  arrival: { process: poisson, request_rate: 5 }
  input_tokens: { distribution: constant, value: 50 }
  output_tokens: { distribution: constant, value: 5 }
)";

const std::string kStore = "engine.kv_connector={gb_per_s: 10, latency_ms: 2}";
const std::string kHost = "engine.kv_offloading_size=100";
const std::string kNgrams =
    "engine.speculative={method: ngram, num_speculative_tokens: 1, acceptance: [0.5]}";
const std::string kMtp = "engine.speculative={method: mtp, num_speculative_tokens: 1, acceptance: [0.5]}";
const std::string kLora = "engine.lora={adapters: [sql], load_ms: 1, activate_ms: 1, slowdown: 0.1}";

struct Case {
  std::vector<std::string> settings;
  std::string said;
};

TEST(Gaps, AreRefusedAsNotModelledAndRunUnscoredWhereAllowed) {
  const Case cases[] = {
      {{"model=gpt-oss-20b", kStore}, "has layers with windows or states"},
      {{"model=gpt-oss-20b", kHost}, "has layers with windows or states"},
      {{kNgrams, kStore}, "a connector beside drafts"},
      {{"engine.pipeline_parallel_size=2", kHost}, "a connector with pipeline stages"},
      {{"model=qwen3-30b-a3b", "engine.data_parallel_size=2", kHost}, "data-parallel ranks in step"},
      {{"engine.kv_connector={gb_per_s: 10, latency_ms: 2, asynchronous: false, failing_loads: 0.1}"},
       "a load that fails while a step waits for it"},
      {{kHost, "engine.reset_prefix_cache={at_s: [1]}"}, "a reset of the prefix cache where KV blocks"},
      {{"engine.vllm_version=0.29", "engine.data_parallel_size=2", "engine.max_num_queued_tokens=20k"},
       "a limit of what is queued for all data-parallel ranks of a dense model"},
      {{"engine.vllm_version=0.29", "engine.data_parallel_size=2", "engine.max_num_queued_reqs=5"},
       "a limit of what is queued for all data-parallel ranks of a dense model"},
      {{"model=qwen3-30b-a3b", kLora}, "has experts, whose LoRA adapters"},
      {{"model=qwen3-next-80b-a3b-thinking", "engine.tensor_parallel_size=4", kMtp},
       "the states that drafts need are not modelled"},
      {{"model=deepseek-v4-flash", "engine.tensor_parallel_size=8", kMtp},
       "drafts beside them are not modelled"},
      {{"model=deepseek-v4-flash", "engine.tensor_parallel_size=8", kHost},
       "has layers with windows or states"},
      {{"model=llama-4-scout-17b-16e-instruct", "engine.tensor_parallel_size=8", "engine.block_size=48",
        "engine.disable_hybrid_kv_cache_manager=false"},
       "chunks of 8192 tokens in blocks of 48"},
      {{"model=mimo-v2-flash", "hardware.gpu=H200", "engine.tensor_parallel_size=8", kMtp},
       "by layers that its config does not tell"},
      {{"latency={model: blackbox, coefficients: {step_us: 5000, request_token_us: 2}}"},
       "a time of a request's own that grows with its length"},
      {{"autoscaling={policy: dynamo_planner, optimization_target: load, max_replicas: 2, startup_s: 5}"},
       "of Dynamo's planner, targets for latencies"},
      {{"engine.vllm_version=0.13",
        "engine.speculative={method: draft_model, num_speculative_tokens: 1, acceptance: [0.5]}"},
       "makes no drafts by `draft_model`"},
  };
  for (const Case& c : cases) {
    const Said said = said_by([&] { resolved(kScenario, c.settings); });
    EXPECT_EQ(said.kind, ErrorKind::not_modelled) << said.all;
    EXPECT_NE(said.all.find(c.said), std::string::npos) << c.said << "\n" << said.all;
    EXPECT_NE(said.all.find("--allow-unmodelled"), std::string::npos) << said.all;

    std::vector<std::string> settings = c.settings;
    settings.emplace_back("allow_unmodelled=true");
    const ResolvedScenario allowed = resolved(kScenario, settings);
    ASSERT_FALSE(allowed.not_modelled.empty()) << c.said;
    EXPECT_NE(allowed.not_modelled[0].find(c.said), std::string::npos) << allowed.not_modelled[0];
    ASSERT_FALSE(allowed.warnings.empty());
    EXPECT_EQ(allowed.warnings[0].substr(0, 9), "UNSCORED:") << allowed.warnings[0];
    EXPECT_NO_THROW(build(allowed)) << c.said;
  }
}

TEST(Gaps, WhatIsLeftOutIsGone) {
  const ResolvedScenario drafts = resolved(kScenario, {kNgrams, kStore, "allow_unmodelled=true"});
  EXPECT_FALSE(drafts.scenario.engine.kv_connector);
  EXPECT_TRUE(drafts.scenario.engine.speculative) << "one of the two is enough";
  const ResolvedScenario states =
      resolved(kScenario, {"model=qwen3-next-80b-a3b-thinking", "engine.tensor_parallel_size=4", kMtp, kHost,
                           "engine.kv_connector_extra_config={secondary_tiers: [{type: fs}]}",
                           "links.storage={read_gbytes_s: 5, write_gbytes_s: 2}", "allow_unmodelled=true"});
  EXPECT_FALSE(states.scenario.engine.speculative);
  EXPECT_FALSE(states.scenario.engine.kv_offloading_size);
  EXPECT_FALSE(states.scenario.engine.kv_connector_extra_config);
  EXPECT_FALSE(states.scenario.storage_link);
  EXPECT_EQ(states.not_modelled.size(), 2u);
}

TEST(Gaps, WhatNobodyCanLeaveOutSaysSo) {
  const std::string pools =
      "pools=[{name: p, role: prefill, hardware: {gpu: H100}}, {name: d, role: decode, hardware: {gpu: "
      "H100}}]";
  for (const Case& c : {Case{{"model=qwen3-next-80b-a3b-thinking", "engine.tensor_parallel_size=4"},
                             "keeps states, chunks or KV blocks of different sizes"}}) {
    std::vector<std::string> settings = c.settings;
    settings.push_back(pools);
    settings.emplace_back("allow_unmodelled=true");
    const Said said = said_by([&] { resolved(kScenario, settings); });
    EXPECT_EQ(said.kind, ErrorKind::not_modelled);
    EXPECT_NE(said.all.find(c.said), std::string::npos) << said.all;
    EXPECT_NE(said.all.find("--allow-unmodelled does not help"), std::string::npos) << said.all;
  }
}

TEST(Gaps, AStoreBesidePoolsThatHandOnIsLeftOut) {
  const std::string pools =
      "pools=[{name: p, role: prefill, hardware: {gpu: H100}}, {name: d, role: decode, hardware: {gpu: "
      "H100}}]";
  const Said said = said_by([&] { resolved(kScenario, {pools, kStore}); });
  EXPECT_EQ(said.kind, ErrorKind::not_modelled);
  EXPECT_NE(said.all.find("a store of KV blocks beside pools that hand blocks on"), std::string::npos)
      << said.all;
  const ResolvedScenario allowed = resolved(kScenario, {pools, kStore, "allow_unmodelled=true"});
  EXPECT_FALSE(allowed.pools[0].scenario.engine.kv_connector);
}

TEST(DraftReleases, AreRefusedWhereTheyAreKnownToLackTheMethod) {
  struct Row {
    const char *version, *model, *method;
    bool refused;
  };
  const Row rows[] = {
      {"0.10", "llama-3.1-8b-instruct", "draft_model", true},
      {"0.13.0", "llama-3.1-8b-instruct", "draft_model", true},
      {"0.14", "llama-3.1-8b-instruct", "draft_model", false},
      {"2026-01-18", "llama-3.1-8b-instruct", "draft_model", true},
      {"2026-01-19", "llama-3.1-8b-instruct", "draft_model", false},
      {"0.11.0", "llama-3.1-8b-instruct", "suffix", true},
      {"0.11", "llama-3.1-8b-instruct", "suffix", false},
      {"0.12", "llama-3.1-8b-instruct", "suffix", false},
      {"0.10", "llama-3.1-8b-instruct", "ngram", false},
      {"0.10", "llama-3.1-8b-instruct", "eagle", false},
      {"0.10", "llama-3.1-8b-instruct", "eagle3", false},
      {"0.10.0", "qwen3-8b", "eagle3", true},
      {"0.10.1", "qwen3-8b", "eagle3", false},
      {"0.10.2", "gpt-oss-20b", "eagle3", true},
      {"0.11.0", "gpt-oss-20b", "eagle3", false},
      {"0.20", "mistral-7b-instruct-v0.3", "eagle3", true},
      {"0.21", "mistral-7b-instruct-v0.3", "eagle3", false},
      {"2026-05-12", "mistral-7b-instruct-v0.3", "eagle3", true},
      {"2026-05-13", "mistral-7b-instruct-v0.3", "eagle3", false},
  };
  for (const Row& row : rows) {
    const std::vector<std::string> settings{std::string("engine.vllm_version=") + row.version,
                                            std::string("model=") + row.model,
                                            std::string("engine.speculative={method: ") + row.method +
                                                ", num_speculative_tokens: 1, acceptance: [0.5]}"};
    if (!row.refused) {
      EXPECT_NO_THROW(resolved(kScenario, settings)) << row.version << " " << row.model << " " << row.method;
      continue;
    }
    const Said said = said_by([&] { resolved(kScenario, settings); });
    EXPECT_EQ(said.kind, ErrorKind::not_modelled) << said.all;
    EXPECT_NE(said.all.find("makes no drafts by"), std::string::npos) << said.all;
  }
}

TEST(BlockSizes, AreThoseThatKernelsTake) {
  struct Row {
    const char* version;
    int size;
    bool taken;
  };
  for (const Row& row :
       {Row{"2026-08-17", 16, true}, Row{"2026-08-17", 48, true}, Row{"2026-08-17", 1, false},
        Row{"2026-08-17", 8, false}, Row{"2026-08-17", 13, false}, Row{"2026-08-17", 24, false},
        Row{"0.16", 48, false}, Row{"0.16", 256, true}, Row{"0.11", 256, false}, Row{"0.11", 128, true},
        Row{"0.11", 8, false}}) {
    const std::vector<std::string> settings{std::string("engine.vllm_version=") + row.version,
                                            "engine.block_size=" + std::to_string(row.size)};
    if (row.taken) {
      EXPECT_NO_THROW(resolved(kScenario, settings)) << row.version << " " << row.size;
      continue;
    }
    const Said said = said_by([&] { resolved(kScenario, settings); });
    EXPECT_EQ(said.kind, ErrorKind::usage);
    EXPECT_EQ(said.heads.at(0).substr(0, 24), "--set engine.block_size=") << said.all;
  }
}

TEST(BlockSizes, OfLatentAttentionMustFitItsKernelsToo) {
  const ResolvedScenario small = resolved(kScenario, {"model=deepseek-v2-lite", "engine.block_size=16"});
  EXPECT_EQ(small.scenario.engine.block_size, 64);
  EXPECT_NE(small.warnings.front().find("block_size 16 is taken as 64"), std::string::npos);
  EXPECT_TRUE(resolved(kScenario, {"model=deepseek-v2-lite"}).warnings.empty());
  EXPECT_EQ(said_by([] {
              resolved(kScenario, {"model=deepseek-v2-lite", "engine.block_size=24"});
            }).kind,
            ErrorKind::usage);
}

TEST(ArgumentsSince, AreRefusedOfVersionsThatAreKnownToBeOlder) {
  struct Row {
    const char *version, *setting;
    bool refused;
  };
  const char* const by_size =
      "engine.speculative={method: eagle, num_speculative_tokens: 1, acceptance: [0.5], "
      "num_speculative_tokens_per_batch_size: [{from: 1, to: 8, num_speculative_tokens: 1}]}";
  for (const Row& row :
       {Row{"0.10", "engine.kv_offloading_size=100", true},
        Row{"0.12", "engine.kv_offloading_size=100", false},
        Row{"2025-10-31", "engine.kv_offloading_size=100", true},
        Row{"0.13", "engine.max_num_scheduled_tokens=1000", true},
        Row{"0.14", "engine.max_num_scheduled_tokens=1000", false},
        Row{"0.16", "engine.max_num_scheduled_tokens=1000", false}, Row{"0.22", by_size, true},
        Row{"0.23", by_size, false}, Row{"2026-06-13", by_size, true}, Row{"2026-06-14", by_size, false},
        Row{"0.20", "engine.prefill_schedule_interval=2", true},
        Row{"0.24", "engine.prefill_schedule_interval=2", false}}) {
    const std::vector<std::string> settings{std::string("engine.vllm_version=") + row.version, row.setting};
    if (!row.refused) {
      EXPECT_NO_THROW(resolved(kScenario, settings)) << row.version << " " << row.setting;
      continue;
    }
    const Said said = said_by([&] { resolved(kScenario, settings); });
    EXPECT_EQ(said.kind, ErrorKind::usage) << said.all;
    EXPECT_NE(said.all.find(std::string("vLLM ") + row.version + " has no `"), std::string::npos) << said.all;
  }
}

TEST(AsyncScheduling, IsRefusedWhereTheVersionCannot) {
  struct Row {
    const char *version, *setting;
    bool refused;
  };
  const char* const eagle =
      "engine.speculative={method: eagle, num_speculative_tokens: 1, acceptance: [0.5]}";
  const char* const model =
      "engine.speculative={method: draft_model, num_speculative_tokens: 1, acceptance: [0.5]}";
  const char* const stages = "engine.pipeline_parallel_size=2";
  for (const Row& row : {Row{"0.11.0", eagle, true}, Row{"0.13", eagle, false}, Row{"0.27", model, true},
                         Row{"0.28", model, false}, Row{"0.13", stages, true}, Row{"0.14", stages, false},
                         Row{"0.29", kNgrams.c_str(), true}}) {
    const std::vector<std::string> settings{std::string("engine.vllm_version=") + row.version, row.setting,
                                            "engine.async_scheduling=true"};
    if (!row.refused) {
      EXPECT_NO_THROW(resolved(kScenario, settings)) << row.version << " " << row.setting;
      continue;
    }
    const Said said = said_by([&] { resolved(kScenario, settings); });
    EXPECT_EQ(said.kind, ErrorKind::usage) << said.all;
    EXPECT_NE(said.all.find("asynchronously"), std::string::npos) << said.all;
  }
}

// vllm#45963 (2026-07-07): before, ranks in step would wait for each other.
TEST(DraftsByBatchSize, AreNoneAmongDataParallelRanks) {
  const auto with = [](const char* version, const char* model) {
    return resolved(
        kScenario, {std::string("engine.vllm_version=") + version, std::string("model=") + model,
                    "engine.data_parallel_size=2",
                    "engine.speculative={method: ngram, num_speculative_tokens: 2, acceptance: [0.5, 0.2], "
                    "num_speculative_tokens_per_batch_size: [{from: 1, to: 8, num_speculative_tokens: 1}]}"});
  };
  for (const char* const model : {"llama-3.1-8b-instruct", "qwen3-30b-a3b"}) {
    const ResolvedScenario d = with("0.26", model);
    EXPECT_TRUE(d.scenario.engine.speculative->num_speculative_tokens_per_batch_size.empty());
    EXPECT_TRUE(std::ranges::any_of(d.warnings, [](const std::string& warning) {
      return warning.starts_with("num_speculative_tokens_per_batch_size changes nothing");
    }));
  }
  EXPECT_EQ(with("0.24", "llama-3.1-8b-instruct")
                .scenario.engine.speculative->num_speculative_tokens_per_batch_size.size(),
            1u);
  EXPECT_EQ(said_by([&] { with("0.24", "qwen3-30b-a3b"); }).kind, ErrorKind::usage);
}

TEST(MultiModuleMtp, DraftsInMultiplesOfItsModules) {
  const TempFolder folder;
  std::string config = contents(BLIS_SOURCE_DIR "/model_configs/mimo-7b-base/config.json");
  const std::string one = "\"num_nextn_predict_layers\": 1";
  ASSERT_NE(config.find(one), std::string::npos);
  config.replace(config.find(one), one.size(), "\"num_nextn_predict_layers\": 3");
  const std::string path = folder.write("three/config.json", config);
  const auto drafts = [&](int count) {
    std::string rates = "0.9";
    for (int i = 1; i < count; ++i) rates += ", 0.5";
    resolved(kScenario, {"model=" + path, "engine.speculative={method: mtp, num_speculative_tokens: " +
                                              std::to_string(count) + ", acceptance: [" + rates + "]}"});
  };
  for (const int taken : {1, 2, 3, 6}) EXPECT_NO_THROW(drafts(taken)) << taken;
  for (const int refused : {4, 5}) {
    const Said said = said_by([&] { drafts(refused); });
    EXPECT_EQ(said.kind, ErrorKind::usage);
    EXPECT_NE(said.all.find("at most 3, or a multiple of it"), std::string::npos) << said.all;
  }
}

// Until vllm#39949 beside any connector, and after it beside those that do not know groups.
TEST(HybridKvCacheManager, IsOffBesideAConnectorAsInTheVersion) {
  const std::vector<std::string> model{"model=gpt-oss-20b", kStore};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), model.begin(), model.end());
    return more;
  };
  const ResolvedScenario old = resolved(kScenario, with({"engine.vllm_version=2026-05-12"}));
  EXPECT_EQ(old.scenario.engine.disable_hybrid_kv_cache_manager, true);
  EXPECT_EQ(old.scenario.origins.at("engine.disable_hybrid_kv_cache_manager"),
            "vLLM 2026-05-12 beside a KV connector");
  EXPECT_EQ(old.kv.layout.groups.size(), 1u);
  EXPECT_EQ(said_by([&] { resolved(kScenario, with({"engine.vllm_version=2026-05-13"})); }).kind,
            ErrorKind::not_modelled);
  const std::string ignorant = "engine.kv_connector={gb_per_s: 10, latency_ms: 2, supports_hma: false}";
  const ResolvedScenario lmcache = resolved(kScenario, {"model=gpt-oss-20b", ignorant});
  EXPECT_EQ(lmcache.scenario.engine.disable_hybrid_kv_cache_manager, true);
  const Said said = said_by([&] {
    resolved(kScenario, {"model=gpt-oss-20b", ignorant, "engine.disable_hybrid_kv_cache_manager=false",
                         "allow_unmodelled=true"});
  });
  EXPECT_EQ(said.kind, ErrorKind::usage);
  EXPECT_NE(said.all.find("does not start with groups of KV blocks beside a connector"), std::string::npos)
      << said.all;
}

}  // namespace
}  // namespace blis
