#include "scenarios/build.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "problems.h"
#include "settings.h"
#include "sim/metrics.h"
#include "temp_folder.h"

namespace blis {
namespace {

constexpr const char* kChatScenario =
    "version: 1\n"
    "model: llama-3.1-8b-instruct\n"
    "hardware: { gpu: H100 }\n"
    "engine: { max_model_len: 8192 }\n"
    "latency: { model: roofline }\n"
    "workload:\n"
    "  kind: synthetic\n"
    "  num_requests: 20\n"
    "  arrival: { process: poisson, request_rate: 5 }\n"
    "  input_tokens: { distribution: constant, value: 100 }\n"
    "  output_tokens: { distribution: constant, value: 10 }\n";

const Catalog& catalog() {
  static const Catalog shipped(BLIS_SOURCE_DIR);
  return shipped;
}

ScenarioSettings read(const std::vector<std::string>& settings) {
  return parsed(kChatScenario, settings);
}
ResolvedScenario resolved_chat(const std::vector<std::string>& settings) {
  return resolve(read(settings), catalog());
}
BuiltSimulation built(const std::vector<std::string>& settings) {
  return build(read(settings), catalog());
}

bool mentions(const std::vector<std::string>& sentences, std::string_view words) {
  return std::ranges::any_of(sentences,
                             [&](const std::string& s) { return s.find(words) != std::string::npos; });
}

TEST(Build, RunsFromEndToEnd) {
  BuiltSimulation b = built({});
  const RunResult run = simulate(b.config, *b.source);
  const Metrics metrics = summarize(run, metrics_options(b.scenario()));
  EXPECT_EQ(metrics.completed, 20);
  EXPECT_EQ(metrics.total_output_tokens, 200);
}

TEST(Build, TheSameScenarioGivesTheSameRun) {
  BuiltSimulation a = built({}), b = built({});
  const RunResult x = simulate(a.config, *a.source), y = simulate(b.config, *b.source);
  ASSERT_EQ(x.requests.size(), y.requests.size());
  for (std::size_t i = 0; i < x.requests.size(); ++i)
    EXPECT_EQ(x.requests[i].last_token, y.requests[i].last_token) << i;
}

TEST(Build, SettingsReachTheScheduler) {
  const BuiltSimulation b =
      built({"engine.block_size=32", "engine.max_num_seqs=7", "engine.max_num_batched_tokens=512",
             "engine.enable_prefix_caching=false", "engine.long_prefill_token_threshold=100",
             "engine.scheduling_policy=priority", "engine.async_scheduling=false", "replicas=3",
             "engine.num_gpu_blocks_override=5000", "latency.host.api_ms=2.5", "seed=9",
             "workload.over_length=clip", "engine.scheduler.watermark=0.02",
             "engine.scheduler.free_order=legacy", "engine.scheduler.reserve_full_isl=false"});
  const SchedulerConfig s = engine_config(b.resolved).scheduler;
  EXPECT_EQ(s.block_size, 32);
  EXPECT_EQ(s.max_num_seqs, 7);
  EXPECT_EQ(s.max_num_batched_tokens, 512);
  EXPECT_EQ(s.max_model_len, 8192);
  EXPECT_FALSE(s.enable_prefix_caching);
  EXPECT_TRUE(s.enable_chunked_prefill);
  EXPECT_EQ(s.long_prefill_token_threshold, 100);
  EXPECT_EQ(s.policy, "priority");
  EXPECT_FALSE(s.async_scheduling);
  EXPECT_EQ(s.batch_queue_size, 1);
  EXPECT_EQ(s.num_blocks, 5000);
  EXPECT_EQ(s.behaviour.watermark, 0.02);
  EXPECT_EQ(s.behaviour.free_order, FreeOrder::legacy);
  EXPECT_FALSE(s.behaviour.reserve_full_isl);
  ASSERT_EQ(b.config.pools.size(), 1u);
  const Pool& pool = b.config.pools[0];
  EXPECT_EQ(pool.role, Role::both);
  EXPECT_EQ(pool.count, 3);
  EXPECT_EQ(pool.gpus, 1);
  EXPECT_EQ(pool.api.latency, std::chrono::microseconds(2500));
  EXPECT_EQ(pool.engine->max_model_len(), 8192);
  EXPECT_EQ(b.config.over_length, OverLength::clip);
  EXPECT_EQ(b.config.seed, 9u);
  EXPECT_EQ(b.resolved.gpus(), 3);
  EXPECT_EQ(total_gpus(b.config.pools), 3);
}

TEST(Build, TheLongestSequenceIsWrittenAsVllmTakesIt) {
  const auto length = [](std::string text) {
    return resolved_chat({"engine.max_model_len=" + std::move(text)}).scenario.engine.max_model_len;
  };
  EXPECT_EQ(length("32k"), 32'000);
  EXPECT_EQ(length("32K"), 32'768);
  EXPECT_EQ(length("auto"), 131'072) << "fits";
  EXPECT_EQ(length("-1"), 131'072);
  const Said said = said_by([&] { length("32x"); });
  EXPECT_NE(said.all.find("as in 32768, 32k or 32K; or auto, what fits"), std::string::npos) << said.all;
  EXPECT_NE(said_by([&] { length("256k"); }).all.find("at most 131072"), std::string::npos);
}

TEST(Build, TheLongestSequenceMayBeWhatFits) {
  const ResolvedScenario d =
      resolved_chat({"engine.max_model_len=auto", "engine.num_gpu_blocks_override=100"});
  EXPECT_EQ(d.scenario.engine.max_model_len, 100 * 16);
  EXPECT_EQ(d.kv.longest_request_blocks, 100);
}

TEST(Build, DefaultsFollowTheGpuAndTheVersion) {
  struct Case {
    const char *gpu, *version;
    int tokens, seqs;
    double utilization;
    bool async;
  };
  for (const Case& c :
       {Case{"H100", "2026-08-17", 8192, 1024, 0.92, true}, Case{"A100", "2026-08-17", 2048, 256, 0.92, true},
        Case{"L4", "2026-08-17", 2048, 256, 0.92, true}, Case{"B200", "2026-08-17", 16384, 1024, 0.92, true},
        Case{"B200", "0.23", 8192, 1024, 0.92, true}, Case{"H100", "0.19", 8192, 1024, 0.9, true},
        Case{"H100", "0.11", 8192, 1024, 0.9, false}}) {
    const EngineSettings e =
        resolved_chat({std::string("hardware.gpu=") + c.gpu, std::string("engine.vllm_version=") + c.version,
                       "model=qwen3-0.6b"})
            .scenario.engine;
    EXPECT_EQ(e.max_num_batched_tokens, c.tokens) << c.gpu << c.version;
    EXPECT_EQ(e.max_num_seqs, c.seqs) << c.gpu << c.version;
    EXPECT_EQ(e.gpu_memory_utilization, c.utilization) << c.gpu << c.version;
    EXPECT_EQ(e.async_scheduling, c.async) << c.gpu << c.version;
  }
}

TEST(Build, TheLongestSequenceIsTheModels) {
  EXPECT_EQ(resolved_chat({"engine.max_model_len=null"}).scenario.engine.max_model_len, 131072);
}

TEST(Build, ReplicasTimesGpus) {
  EXPECT_EQ(resolved_chat({"replicas=3", "engine.tensor_parallel_size=4"}).gpus(), 12);
  // A dense model's data-parallel ranks are engines of their own.
  const ResolvedScenario r = resolved_chat({"replicas=2", "engine.data_parallel_size=3"});
  EXPECT_EQ(r.replicas, 6);
  EXPECT_EQ(r.gpus(), 6);
}

TEST(Build, EagerMeansNoGraphs) {
  EXPECT_FALSE(resolved_chat({}).cuda_graph_sizes.empty());
  EXPECT_TRUE(resolved_chat({"engine.enforce_eager=true"}).cuda_graph_sizes.empty());
}

TEST(Build, AnEightBitCacheHoldsTwiceTheBlocks) {
  const auto blocks = [](const char* dtype) {
    return static_cast<double>(resolved_chat({std::string("engine.kv_cache_dtype=") + dtype}).kv.num_blocks);
  };
  EXPECT_NEAR(blocks("fp8") / blocks("auto"), 2, 0.01);
  EXPECT_EQ(blocks("bfloat16"), blocks("auto"));
}

TEST(Build, QuantizedWeightsLeaveMoreRoom) {
  EXPECT_GT(resolved_chat({"engine.quantization=fp8"}).kv.num_blocks, resolved_chat({}).kv.num_blocks);
  EXPECT_GT(resolved_chat({"engine.quantization=awq"}).kv.num_blocks,
            resolved_chat({"engine.quantization=fp8"}).kv.num_blocks);
  EXPECT_TRUE(
      mentions(built({"engine.quantization=fp8"}).warnings, "quantization changes the KV capacity only"));
}

TEST(Build, TheCheckpointsOwnQuantizationIsShown) {
  const ResolvedScenario r = resolved_chat({"model=llama-3.1-8b-instruct-fp8"});
  EXPECT_EQ(r.scenario.engine.quantization, "fp8");
  EXPECT_EQ(r.scenario.origins.at("engine.quantization"), "config of llama-3.1-8b-instruct-fp8");
}

TEST(Build, ThirtyTwoBitCheckpointsAreLoadedInSixteen) {
  const TempFolder folder;
  folder.write(
      "m/config.json",
      R"({"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 2, "num_attention_heads": 32, "vocab_size": 1000, "intermediate_size": 16384,
                                    "max_position_embeddings": 8192, "torch_dtype": "float32"})");
  const ResolvedScenario r = resolved_chat({"model=" + folder.path("m")});
  EXPECT_EQ(r.model.dtype_bytes, 2);
  EXPECT_EQ(r.model_as_is.dtype_bytes, 4) << "what the seed's formula takes";
  EXPECT_EQ(resolved_chat({"model=" + folder.path("m"), "engine.dtype=float32"}).model.dtype_bytes, 4);
}

TEST(Build, DraftsReachTheScheduler) {
  const std::vector<std::string> settings{
      "engine.speculative={method: eagle, num_speculative_tokens: 3, acceptance: [0.8, 0.6, 0.4]}"};
  const BuiltSimulation b = built(settings);
  EXPECT_EQ(engine_config(b.resolved).scheduler.num_spec_tokens, 3);
  EXPECT_EQ(engine_config(b.resolved).scheduler.spec_lookahead, 3);
  EXPECT_TRUE(engine_config(b.resolved).scheduler.use_eagle);
  EXPECT_EQ(engine_config(b.resolved).acceptance, (std::vector<double>{0.8, 0.6, 0.4}));
  const BuiltSimulation ngram =
      built({"engine.speculative={method: ngram, num_speculative_tokens: 1, acceptance: [0.5]}"});
  EXPECT_EQ(engine_config(ngram.resolved).scheduler.spec_lookahead, 0);
  EXPECT_FALSE(engine_config(ngram.resolved).scheduler.use_eagle);
  EXPECT_FALSE(engine_config(ngram.resolved).scheduler.async_scheduling) << "not supported with n-grams";
}

TEST(Build, DraftsByBatchSizeFollowItsRanges) {
  const BuiltSimulation b =
      built({"engine.speculative={method: eagle, num_speculative_tokens: 3, acceptance: [0.8, 0.6, 0.4], "
             "num_speculative_tokens_per_batch_size: [{from: 1, to: 2, num_speculative_tokens: 3}, "
             "{from: 4, to: 5, num_speculative_tokens: 1}]}"});
  EXPECT_EQ(engine_config(b.resolved).scheduler.drafts_by_batch_size, (std::vector<int>{3, 3, 3, 3, 1, 1}));
}

TEST(Build, DistributionsOfDraftsBecomeShares) {
  const BuiltSimulation b = built(
      {"engine.speculative={method: suffix, num_speculative_tokens: 4, accepted: {distribution: uniform, "
       "min: 0, max: 3}, drafts: {distribution: constant, value: 2}}"});
  const EngineConfig config = engine_config(b.resolved);
  EXPECT_EQ(config.acceptance, (std::vector<double>{0.75, 0.5, 0.25, 0}));
  EXPECT_EQ(config.drafted, (std::vector<double>{1, 1, 0, 0}));
  EXPECT_EQ(config.scheduler.spec_lookahead, 0);
  EXPECT_FALSE(config.scheduler.async_scheduling);
}

TEST(Build, ADraftersLayersTakeBlocks) {
  const char* const eagle =
      "engine.speculative={method: eagle, num_speculative_tokens: 1, acceptance: [0.5]}";
  const std::int64_t plain = resolved_chat({}).kv.num_blocks, drafting = resolved_chat({eagle}).kv.num_blocks;
  EXPECT_LT(static_cast<double>(drafting), static_cast<double>(plain) * 32 / 33);
  EXPECT_GT(static_cast<double>(drafting), static_cast<double>(plain) * 32 / 33 * 0.97);
  EXPECT_TRUE(mentions(resolved_chat({"model=gpt-oss-20b", "latency.model=calibrated", eagle}).warnings,
                       "the MLP of a drafter"));
}

TEST(Build, SomeExchangesOfExpertsTakeSmallSteps) {
  const auto tokens = [](const std::vector<std::string>& more) {
    std::vector<std::string> settings{"model=qwen3-30b-a3b", "latency.model=calibrated",
                                      "engine.tensor_parallel_size=1"};
    settings.insert(settings.end(), more.begin(), more.end());
    return *resolved_chat(settings).scenario.engine.max_num_batched_tokens;
  };
  const std::string ranks = "engine.data_parallel_size=4", whole = "engine.enable_expert_parallel=true",
                    small = "engine.all2all_backend=deepep_low_latency";
  EXPECT_EQ(tokens({ranks, whole, small}), 256);
  EXPECT_EQ(tokens({ranks, whole, "engine.all2all_backend=nixl_ep"}), 256);
  EXPECT_EQ(tokens({ranks, whole, small, "engine.max_num_batched_tokens=1k"}), 1000);
  const int usual = tokens({ranks, whole});
  EXPECT_GT(usual, 256);
  EXPECT_EQ(tokens({ranks, whole, "engine.all2all_backend=deepep_high_throughput"}), usual);
  EXPECT_EQ(tokens({ranks, small}), usual) << "experts lie in slices on all ranks";
}

TEST(Build, OldVersionsWarn) {
  EXPECT_TRUE(mentions(built({"engine.vllm_version=0.11"}).warnings, "older than what the scheduler"));
}

struct Refusal {
  std::vector<std::string> settings;
  ErrorKind kind;
  const char* head;
};

TEST(Build, RefusesWhatVllmWouldNotStartWith) {
  for (const Refusal& r : {
           Refusal{{"engine.max_num_seqs=600", "engine.max_num_batched_tokens=512"},
                   ErrorKind::usage,
                   "--set engine.max_num_batched_tokens=512: `engine.max_num_batched_tokens` is smaller than "
                   "`engine.max_num_seqs`"},
           Refusal{{"engine.enable_chunked_prefill=false", "engine.max_num_batched_tokens=4096"},
                   ErrorKind::usage,
                   "--set engine.max_num_batched_tokens=4096: without chunked prefill, "
                   "`engine.max_num_batched_tokens` must hold a whole prompt"},
           Refusal{{"engine.long_prefill_token_threshold=9000"},
                   ErrorKind::usage,
                   "--set engine.long_prefill_token_threshold=9000: `engine.long_prefill_token_threshold` is "
                   "larger than any prompt"},
           Refusal{{"engine.max_num_batched_tokens=512", "engine.max_num_scheduled_tokens=1k"},
                   ErrorKind::usage,
                   "--set engine.max_num_scheduled_tokens=1k: `engine.max_num_scheduled_tokens` is more than "
                   "a step has room for"},
           Refusal{{"engine.vllm_version=0.20", "engine.prefill_schedule_interval=2"},
                   ErrorKind::usage,
                   "--set engine.prefill_schedule_interval=2: vLLM 0.20 has no `prefill_schedule_interval`"},
           Refusal{{"engine.vllm_version=0.28", "engine.max_num_queued_reqs=100"},
                   ErrorKind::usage,
                   "--set engine.max_num_queued_reqs=100: vLLM 0.28 has no `max_num_queued_reqs`"},
           Refusal{{"engine.speculative={method: mtp, num_speculative_tokens: 1, acceptance: [0.5]}"},
                   ErrorKind::usage,
                   "--set engine.speculative={method: mtp, num_speculative_tokens: 1, acceptance: [0.5]}: "
                   "`llama-3.1-8b-instruct` has no layers that predict further tokens"},
           Refusal{
               {"engine.speculative={method: eagle, num_speculative_tokens: 1, acceptance: [0.5], drafts: "
                "{distribution: constant, value: 1}}"},
               ErrorKind::usage,
               "--set engine.speculative={method: eagle, num_speculative_tokens: 1, acceptance: [0.5], "
               "drafts: {distribution: constant, value: 1}}: `engine.speculative.drafts` means nothing for "
               "drafts by `eagle`"},
           Refusal{{"engine.speculative={method: ngram, num_speculative_tokens: 1, acceptance: [0.5]}",
                    "engine.async_scheduling=true"},
                   ErrorKind::usage,
                   "--set engine.async_scheduling=true: vLLM 2026-08-17 does not schedule drafts by `ngram` "
                   "asynchronously"},
           Refusal{
               {"engine.speculative={method: ngram, num_speculative_tokens: 2, drafts: {distribution: "
                "constant, value: 3}, acceptance: [0.5, 0.2]}"},
               ErrorKind::usage,
               "--set engine.speculative={method: ngram, num_speculative_tokens: 2, drafts: {distribution: "
               "constant, value: 3}, acceptance: [0.5, 0.2]}: `engine.speculative.drafts`: this number is "
               "out of range"},
           Refusal{{"engine.max_model_len=200000"},
                   ErrorKind::usage,
                   "--set engine.max_model_len=200000: `engine.max_model_len` is longer than the model can "
                   "attend to"},
           Refusal{{"model=qwen3-32b-fp8", "engine.quantization=awq"},
                   ErrorKind::usage,
                   "--set engine.quantization=awq: `qwen3-32b-fp8` is quantized already, and otherwise"},
           Refusal{
               {"engine.enable_expert_parallel=true"},
               ErrorKind::usage,
               "--set engine.enable_expert_parallel=true: `llama-3.1-8b-instruct` has no experts to spread"},
           Refusal{{"latency.model=guess"},
                   ErrorKind::usage,
                   "--set latency.model=guess: unknown latency model `guess`"},
           Refusal{{"workload.sampling.top_p=0.9"},
                   ErrorKind::usage,
                   "--set workload.sampling.top_p=0.9: latency model `roofline` does not price sampling"},
           Refusal{
               {"engine.pipeline_parallel_size=2"},
               ErrorKind::usage,
               "--set engine.pipeline_parallel_size=2: latency model `roofline` knows no pipeline stages"},
           Refusal{{"latency.host.step_us=1"},
                   ErrorKind::usage,
                   "--set latency.host.step_us=1: latency model `roofline` has no host time of its own"},
           Refusal{{"model=nothing-like-it"},
                   ErrorKind::usage,
                   "--set model=nothing-like-it: unknown model `nothing-like-it`"},
           Refusal{{"hardware.gpu=X1"}, ErrorKind::usage, "--set hardware.gpu=X1: unknown GPU `X1`"},
           Refusal{{"workload={kind: trace, path: no/such.csv}"}, ErrorKind::io, "no/such.csv"},
       }) {
    const Said said = said_by([&] { built(r.settings); });
    ASSERT_FALSE(said.heads.empty());
    EXPECT_EQ(said.heads[0].substr(0, std::string_view(r.head).size()), r.head) << said.all;
    EXPECT_EQ(said.kind, r.kind) << said.all;
  }
}

TEST(Build, MoreEnginesThanCanBeToldApartAreRefused) {
  const auto engines = [](int replicas, int ranks) {
    return resolved_chat({"latency.model=calibrated", fmt::format("replicas={}", replicas),
                          fmt::format("engine.data_parallel_size={}", ranks)})
        .replicas;
  };
  EXPECT_EQ(engines(4369, 15), 65535);
  struct Case {
    int replicas, ranks;
  };
  for (const Case c : {Case{8192, 8}, Case{64, 1024}, Case{10'000, 1024}}) {
    const Said said = said_by([&] { engines(c.replicas, c.ranks); });
    EXPECT_EQ(said.kind, ErrorKind::usage);
    EXPECT_EQ(said.heads.at(0),
              fmt::format("--set replicas={0}: {0} replicas of {1} data-parallel engines each are too many",
                          c.replicas, c.ranks));
    EXPECT_NE(said.all.find("expected: 65535 engines at most"), std::string::npos) << said.all;
  }
}

TEST(Build, LegalAtTheVeryBound) {
  EXPECT_NO_THROW(built({"engine.max_num_seqs=512", "engine.max_num_batched_tokens=512"}));
  EXPECT_NO_THROW(built({"engine.enable_chunked_prefill=false", "engine.max_num_batched_tokens=8192"}));
  EXPECT_NO_THROW(built({"engine.long_prefill_token_threshold=8192"}));
  EXPECT_NO_THROW(built({"engine.max_model_len=131072"}));
}

TEST(Build, AModelWithExpertsIsRefusedByTheSeedsFormula) {
  const Said said = said_by([] { built({"model=mixtral-8x7b-v0.1", "engine.tensor_parallel_size=2"}); });
  EXPECT_EQ(said.kind, ErrorKind::usage);
  EXPECT_NE(said.all.find("it has experts"), std::string::npos) << said.all;
  EXPECT_NE(said.all.find("--set model=mixtral-8x7b-v0.1"), std::string::npos) << said.all;
}

TEST(Build, WhatDoesNotFitIsInfeasibleWithItsArithmetic) {
  const Said weights = said_by([] { built({"model=llama-3.1-70b-instruct"}); });
  EXPECT_EQ(weights.kind, ErrorKind::infeasible);
  EXPECT_EQ(weights.heads.at(0),
            "s.yaml:3:18: `llama-3.1-70b-instruct` leaves no room for a KV cache on H100-SXM");
  EXPECT_NE(weights.all.find("79.65 x 0.92"), std::string::npos) << weights.all;
  EXPECT_NE(weights.all.find("hint:     raise tensor_parallel_size"), std::string::npos) << weights.all;

  const Said length = said_by([] { built({"hardware.gpu=L4", "engine.max_model_len=131072"}); });
  EXPECT_EQ(length.kind, ErrorKind::infeasible);
  EXPECT_NE(length.all.find("max_model_len 131072 does not fit the KV cache"), std::string::npos)
      << length.all;

  const Said blocks = said_by([] { built({"engine.num_gpu_blocks_override=100"}); });
  EXPECT_EQ(blocks.kind, ErrorKind::infeasible);
  EXPECT_NE(blocks.all.find("at least 512 blocks of 16 tokens"), std::string::npos) << blocks.all;
}

TEST(Build, ABlockCountOfTheUsersNeedsNoMemoryFigure) {
  const TempFolder data;
  data.write(
      "hardware_config.json",
      R"({"H100": {"TFlopsEff": 989.5, "BwEffTBs": 3.35, "BwEffConstant": 0.72, "TOverheadMicros": 500.0,
      "perLayerOverhead": 20.0, "mfuPrefill": 0.65, "mfuDecode": 0.12, "allReduceLatency": 20.0}})");
  const Catalog seed(data.path());
  const std::string model = "model=" + std::string(BLIS_SOURCE_DIR) + "/model_configs/llama-3.1-8b-instruct";
  EXPECT_EQ(resolve(read({model, "engine.num_gpu_blocks_override=600"}), seed).kv.num_blocks, 600);
  const Said said = said_by([&] { resolve(read({model}), seed); });
  EXPECT_NE(said.all.find("does not say how much memory it has"), std::string::npos) << said.all;
}

TEST(Resolve, WhatIsOnlyPricedNeedNotFit) {
  const ResolvedScenario r = resolve(read({"model=llama-3.1-70b-instruct"}), catalog(), Fit::reported);
  EXPECT_TRUE(mentions(r.warnings, "leaves no room for a KV cache"));
  EXPECT_NO_THROW(make_latency_model(r));
}

TEST(Build, WarmupAndSloReachTheMetrics) {
  const MetricsOptions options =
      metrics_options(read({"warmup={requests: 7}", "slo={goodput: {tpot_ms: 50}}"}));
  EXPECT_EQ(options.warmup_requests, 7u);
  EXPECT_EQ(options.goodput.tpot_ms, 50);
  EXPECT_EQ(metrics_options(read({"warmup={duration_s: 1.5}"})).warmup, std::chrono::milliseconds(1500));
}

}  // namespace
}  // namespace blis
