// Images and a KV store of a scenario: how they reach the engine, and what is refused.
#include <gtest/gtest.h>

#include <algorithm>

#include "problems.h"
#include "scenarios/build.h"
#include "scenarios/item_rules.h"
#include "settings.h"

namespace blis {
namespace {

constexpr const char* kPlainScenario = R"(version: 1
model: qwen2.5-vl-7b-instruct
hardware: { gpu: H100 }
engine: { max_model_len: 16384, max_num_batched_tokens: 4096 }
workload:
  kind: synthetic
  num_requests: 30
  arrival: { process: poisson, request_rate: 5 }
  images: { count: { distribution: constant, value: 2 }, tokens: { distribution: constant, value: 300 }, pool: 5 }
  input_tokens: { distribution: constant, value: 50 }
  output_tokens: { distribution: constant, value: 5 }
)";

ResolvedScenario resolved_plain(const std::vector<std::string>& settings) {
  return blis::resolved(kPlainScenario, settings);
}
std::string refusal(const std::vector<std::string>& settings) {
  return said_by([&] { resolved_plain(settings); }).all;
}

TEST(Images, ReachTheEngineAsItemsOfPrompts) {
  BuiltSimulation built = build(resolved_plain({"engine.max_tokens_per_mm_item=8000"}));
  const EncoderLimits limits = engine_config(built.resolved).scheduler.encoder;
  EXPECT_EQ(limits.compute_budget, 8000) << "a step's tokens are fewer";
  EXPECT_EQ(limits.cache_size, 8000);
  EXPECT_FALSE(limits.disable_chunked_mm_input);
  RequestSpec spec;
  while (built.source->next(spec)) {
    ASSERT_EQ(spec.items.size(), 2u);
    EXPECT_EQ(spec.prompt_tokens, 650);
    EXPECT_EQ(spec.items[1].offset, 300);
    EXPECT_EQ(spec.prompt[1].content, spec.items[1].hash);
  }
}

TEST(Images, TakeTimeToEncode) {
  const auto ttft = [](const std::vector<std::string>& settings) {
    BuiltSimulation built = build(resolved_plain(settings));
    return summarize(simulate(built.config, *built.source), metrics_options(built.scenario())).ttft.mean;
  };
  const std::string uncached = "engine.enable_prefix_caching=false";
  const double text = ttft({uncached, "workload.images=null", "workload.input_tokens.value=650"});
  const double few = ttft({uncached}), all = ttft({uncached, "workload.images.pool=null"});
  EXPECT_GT(all, 1.1 * text);
  EXPECT_GT(few, text);
  EXPECT_LT(few, all) << "five images are encoded once";
}

TEST(Images, ContradictionsAreRefused) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"model=llama-3.1-8b-instruct"},
       "requests have images, and `llama-3.1-8b-instruct` has no vision tower whose time"},
      {{"latency.model=blackbox", "latency.coefficients={step_us: 10}"},
       "does not price the encoding of images"},
      {{"engine.disable_chunked_mm_input=true", "engine.max_tokens_per_mm_item=5000"},
       "an item that may not be split is larger than a step"},
      {{"model=llama-3.1-8b-instruct", "workload.images=null", "engine.max_tokens_per_mm_item=5000"},
       "--set engine.max_tokens_per_mm_item=5000: `llama-3.1-8b-instruct` has no vision tower"},
  };
  for (const auto& [settings, message] : cases) {
    EXPECT_NE(refusal(settings).find(message), std::string::npos) << message << "\n" << refusal(settings);
  }
}

TEST(KvStore, ReachesTheEngine) {
  const std::string store = "engine.kv_connector={gb_per_s: 10, latency_ms: 2, capacity_gib: 1}";
  const ExternalStoreConfig config =
      engine_config(resolved_plain({"model=llama-3.1-8b-instruct", "workload.images=null", store})).store;
  EXPECT_DOUBLE_EQ(config.token_bytes, 32 * 4096);
  EXPECT_DOUBLE_EQ(config.bytes_per_second, 10e9);
  EXPECT_EQ(config.latency, std::chrono::milliseconds{2});
  EXPECT_EQ(config.chunks, 512) << "of 2 MiB";
  EXPECT_TRUE(config.asynchronous);
}

TEST(KvStore, HostMemoryIsAStoreOfPromptsOverPcie) {
  const auto store = [](std::vector<std::string> more) {
    std::vector<std::string> settings{"model=llama-3.1-8b-instruct", "workload.images=null",
                                      "hardware.gpu=H100", "engine.kv_offloading_size=100",
                                      "engine.tensor_parallel_size=2"};
    settings.insert(settings.end(), more.begin(), more.end());
    return engine_config(resolved_plain(settings)).store;
  };
  const ExternalStoreConfig by_default = store({});
  EXPECT_TRUE(by_default.prompts_only);
  EXPECT_TRUE(by_default.asynchronous);
  EXPECT_EQ(by_default.chunks, 51'200) << "of 2 MiB, a half on each GPU";
  EXPECT_DOUBLE_EQ(by_default.token_bytes / by_default.bytes_per_second, 131'072 / (2 * 0.6 * 64e9));
  EXPECT_DOUBLE_EQ(store({"links.host.bandwidth_gbytes_s=50"}).bytes_per_second, 100e9);
}

TEST(KvStore, HostMemoryKeepsWhatTheExtraConfigSays) {
  const auto store = [](const std::string& extra) {
    return engine_config(
               resolved_plain({"model=llama-3.1-8b-instruct", "workload.images=null", "hardware.gpu=H100",
                               "engine.kv_offloading_size=100", "engine.kv_connector_extra_config=" + extra}))
        .store;
  };
  const ExternalStoreConfig by_tokens =
      store("{eviction_policy: arc, block_size: 48, store_threshold: 2, max_tracker_size: 10}");
  EXPECT_EQ(by_tokens.eviction, "arc");
  EXPECT_EQ(by_tokens.blocks_per_chunk, 3);
  EXPECT_EQ(by_tokens.chunks, 51'200 / 3);
  EXPECT_EQ(by_tokens.store_threshold, 2);
  EXPECT_EQ(by_tokens.tracked_lookups, 10);
  EXPECT_EQ(store("{blocks_per_chunk: 4}").blocks_per_chunk, 4);
  EXPECT_EQ(store("{}").eviction, "lru");
  EXPECT_EQ(store("{}").storage.read_bytes_per_second, 0) << "there is none";
  EXPECT_EQ(store("{}").tracked_lookups, 64'000);
}

TEST(KvStore, StorageIsBehindHostMemory) {
  const ExternalStoreConfig store =
      engine_config(resolved_plain({"model=llama-3.1-8b-instruct", "workload.images=null",
                                    "hardware.gpu=H100", "engine.kv_offloading_size=100",
                                    "engine.kv_connector_extra_config={secondary_tiers: [{type: fs}]}",
                                    "links.storage={read_gbytes_s: 5, write_gbytes_s: 2}"}))
          .store;
  EXPECT_DOUBLE_EQ(store.storage.read_bytes_per_second, 5e9);
  EXPECT_DOUBLE_EQ(store.storage.write_bytes_per_second, 2e9);
}

TEST(KvStore, LoadsFailAsTheVersionsPolicySays) {
  const auto engine = [](std::vector<std::string> more) {
    std::vector<std::string> settings{
        "model=llama-3.1-8b-instruct", "workload.images=null",
        "engine.kv_connector={gb_per_s: 10, latency_ms: 2, failing_loads: 0.1}"};
    settings.insert(settings.end(), more.begin(), more.end());
    return engine_config(resolved_plain(settings));
  };
  EXPECT_DOUBLE_EQ(engine({}).failing_loads, 0.1);
  EXPECT_FALSE(engine({}).recompute_failed_loads);
  EXPECT_TRUE(engine({"engine.vllm_version=2026-01-28"}).recompute_failed_loads);
  EXPECT_TRUE(engine({"engine.kv_load_failure_policy=recompute"}).recompute_failed_loads);
  const std::vector<std::string> warnings = resolved_plain({"engine.kv_load_failure_policy=fail"}).warnings;
  EXPECT_TRUE(std::ranges::any_of(warnings, [](const std::string& warning) {
    return warning.starts_with("kv_load_failure_policy fail changes nothing");
  }));
}

TEST(KvStore, BesideWindowsItIsKnownWithoutTheHybridManager) {
  const std::string store = "engine.kv_connector={gb_per_s: 10, latency_ms: 2}";
  const EngineConfig config = engine_config(resolved_plain(
      {"model=gpt-oss-20b", "workload.images=null", store, "engine.disable_hybrid_kv_cache_manager=true"}));
  EXPECT_EQ(config.scheduler.kv_groups, std::vector<KvGroup>{KvGroup{}});
  EXPECT_GT(config.store.token_bytes, 0);
}

TEST(PrefixCacheResets, ReachTheEngine) {
  const EngineConfig config = engine_config(
      resolved_plain({"engine.reset_prefix_cache={at_s: [0.5, 60], reset_running_requests: true}"}));
  EXPECT_EQ(config.prefix_cache_resets,
            (std::vector<Time>{Time{std::chrono::milliseconds{500}}, Time{std::chrono::seconds{60}}}));
  EXPECT_TRUE(config.reset_running_requests);
}

TEST(PrefixCacheResets, ContradictionsAreRefused) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"engine.reset_prefix_cache={at_s: [60, 30]}"}, "in seconds since the run began, in order"},
      {{"engine.reset_prefix_cache={at_s: []}"}, "in seconds since the run began, in order"},
      {{"engine.reset_prefix_cache={reset_running_requests: true}"}, "in seconds since the run began"},
  };
  for (const auto& [settings, message] : cases) {
    EXPECT_NE(refusal(settings).find(message), std::string::npos) << message << "\n" << refusal(settings);
  }
}

TEST(KvStore, WhatMeansNothingIsRefused) {
  const std::string host = "engine.kv_offloading_size=100";
  const std::string store = "engine.kv_connector={gb_per_s: 10, latency_ms: 2}";
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"engine.enable_prefix_caching=false", store}, "by the hashes of the prefix cache"},
      {{"engine.kv_connector={latency_ms: 2}"}, "missing key `engine.kv_connector.gb_per_s`"},
      {{host, store}, "an engine has one connector"},
      {{"engine.kv_connector={gb_per_s: 10, latency_ms: 2, failing_loads: 1}",
        "engine.kv_load_failure_policy=recompute"},
       "vLLM asks a store again after each load that failed"},
      {{"engine.enable_prefix_caching=false", host},
       "--set engine.kv_offloading_size=100: a connector finds"},
      {{"workload.images=null", "model=llama-3.1-8b-instruct", "engine.kv_offloading_size=0.01"},
       "does not hold one request of max_model_len"},
      {{"links.host.bandwidth_gbytes_s=50"}, "nothing passes over `links.host`"},
      {{"engine.kv_connector_extra_config={eviction_policy: arc}"},
       "what host memory keeps, and there is none"},
      {{host, "engine.kv_connector_extra_config={eviction_policy: acr}"}, "did you mean `arc`?"},
      {{host, "engine.kv_connector_extra_config={block_size: 32, blocks_per_chunk: 2}"},
       "`block_size` says how large a chunk is, too"},
      {{host, "engine.kv_connector_extra_config={block_size: 40}"}, "ends within a block"},
      {{host, "engine.kv_connector_extra_config={block_size: 8}"}, "a multiple of a block's 16 tokens"},
      {{host, "engine.kv_connector_extra_config={blocks_per_chunk: 0}"}, "blocks_per_chunk"},
      {{host, "links.storage={read_gbytes_s: 5, write_gbytes_s: 2}"}, "nothing passes over `links.storage`"},
      {{host, "engine.kv_connector_extra_config={secondary_tiers: [{type: fs}]}"},
       "how fast storage is read and written is not known"},
      {{host, "engine.kv_connector_extra_config={secondary_tiers: [{type: obj}]}"}, "expected: one of fs"},
      {{host, "engine.kv_connector_extra_config={secondary_tiers: [{type: fs}, {type: fs}]}"},
       "several storage tiers"},
      {{host, "engine.kv_connector_extra_config={secondary_tiers: [{type: fs}], store_threshold: 2}"},
       "no thresholds beside secondary tiers"},
      {{host, "engine.kv_connector_extra_config={blocks_per_chunk: 1025}"}, "no request fills a chunk"},
  };
  for (const auto& [settings, message] : cases) {
    EXPECT_NE(refusal(settings).find(message), std::string::npos) << message << "\n" << refusal(settings);
  }
}

}  // namespace
}  // namespace blis
