#include "scenarios/pools.h"

#include <gtest/gtest.h>

#include "scenarios/build.h"
#include "tests/scenarios/problems.h"
#include "tests/scenarios/temp_folder.h"

namespace blis {
namespace {

const std::string kHead = "version: 1\nmodel: meta-llama/Llama-3.1-8B-Instruct\n";
const std::string kTail =
    "workload: { kind: synthetic, num_requests: 20, arrival: { process: poisson, request_rate: 5 }, "
    "input_tokens: { "
    "distribution: constant, value: 500 }, output_tokens: { distribution: constant, value: 20 } }\n";
const std::string kTwo = R"(hardware: { gpu: H100, price_usd_per_gpu_hour: 3 }
engine: { max_num_seqs: 100, max_model_len: 8192 }
pools:
- { name: big, replicas: 2, engine: { tensor_parallel_size: 2 } }
- name: old
  replicas: 3
  hardware: { gpu: A100, price_usd_per_gpu_hour: 1.5 }
  engine: { max_num_seqs: 64 }
)";

// Ends within the second pool.
const std::string kApart =
    "hardware: {gpu: H100}\npools:\n- {name: a, role: prefill}\n- {name: b, role: decode, ";

ScenarioSettings read(const std::string& middle, std::span<const Override> overrides = {}) {
  return parse_settings(kHead + middle + kTail, "s.yaml", "", overrides);
}
BuiltSimulation built(const std::string& middle, std::span<const Override> overrides = {}) {
  return build(read(middle, overrides), Catalog(BLIS_SOURCE_DIR));
}

TEST(Pools, APoolSaysWhatTheScenarioDoesNot) {
  const ScenarioSettings s = read(kTwo);
  ASSERT_EQ(s.pools.size(), 2u);
  EXPECT_EQ(s.pools[0].hardware.gpu, "H100");
  EXPECT_EQ(s.pools[0].engine.max_num_seqs, 100);
  EXPECT_EQ(s.pools[0].engine.tensor_parallel_size, 2);
  EXPECT_EQ(s.pools[1].hardware.gpu, "A100");
  EXPECT_EQ(s.pools[1].engine.max_num_seqs, 64);
  EXPECT_EQ(s.pools[1].engine.max_model_len, 8192);
}

TEST(Pools, AreBuiltEachWithItsOwnEngineAndGpus) {
  const BuiltSimulation b = built(kTwo);
  ASSERT_EQ(b.config.pools.size(), 2u);
  EXPECT_EQ(b.config.pools[0].name, "big");
  EXPECT_EQ(b.config.pools[0].count, 2);
  EXPECT_EQ(b.config.pools[1].count, 3);
  EXPECT_EQ(b.config.pools[0].engine->max_sequences(), 100);
  EXPECT_EQ(b.config.pools[1].engine->max_sequences(), 64);
  EXPECT_EQ(b.resolved.gpus(), 2 * 2 + 3);
  EXPECT_EQ(b.resolved.usd_per_hour(), 2 * 2 * 3 + 3 * 1.5);
  EXPECT_GT(b.config.pools[0].engine->published_facts().kv_blocks,
            b.config.pools[1].engine->published_facts().kv_blocks);
}

TEST(Pools, ReplicasAreOnePool) {
  const auto run = [](const std::string& middle) {
    BuiltSimulation b = built(middle + "router: { policy: least_requests }\n");
    return simulate(b.config, *b.source);
  };
  const RunResult one = run("hardware: { gpu: H100 }\nreplicas: 3\n");
  const RunResult split = run("hardware: { gpu: H100 }\npools: [{ name: a }, { name: b, replicas: 2 }]\n");
  ASSERT_EQ(one.requests.size(), split.requests.size());
  for (std::size_t i = 0; i < one.requests.size(); ++i) {
    EXPECT_EQ(one.requests[i].replica, split.requests[i].replica);
    EXPECT_EQ(one.requests[i].last_token, split.requests[i].last_token);
  }
}

TEST(Pools, AreCalledByNameInOverrides) {
  const std::vector<Override> overrides{parse_override("pools.old.replicas=7"),
                                        parse_override("pools.0.engine.max_num_seqs=9")};
  const ScenarioSettings s = read(kTwo, overrides);
  EXPECT_EQ(s.pools[1].replicas, 7);
  EXPECT_EQ(s.pools[0].engine.max_num_seqs, 9);
}

TEST(Pools, ResolveToACopyThatIsItself) {
  const Catalog catalog(BLIS_SOURCE_DIR);
  const ScenarioSettings s = resolve(read(kTwo + "gateway: { latency_ms: 3 }\n"), catalog).scenario;
  const std::string copy = to_yaml(s, "");
  EXPECT_EQ(to_json(resolve(parse_settings(copy, "copy.yaml", ""), catalog).scenario), to_json(s));
  EXPECT_NE(copy.find("gpu: A100"), std::string::npos) << copy;
}

TEST(Pools, PrefillAndDecodeAreBuiltWithTheirLinks) {
  const BuiltSimulation b = built(R"(hardware: { gpu: H100 }
pools: [{ name: p, role: prefill, replicas: 2 }, { name: d, role: decode, engine: { tensor_parallel_size: 2 } }]
links: { kv_transfer: { bandwidth_gbps: 80, latency_ms: 2, sharing: fifo } }
router: { non_cached_tokens: 100 }
)");
  EXPECT_EQ(b.config.pools[0].role, Role::prefill);
  EXPECT_TRUE(b.config.pools[1].engine->plays(Role::decode));
  EXPECT_EQ(b.config.handing_on.link.bytes_per_second, 1e10);
  EXPECT_EQ(b.config.handing_on.link.latency, std::chrono::milliseconds{2});
  EXPECT_EQ(b.config.handing_on.link.sharing, LinkSharing::fifo);
  EXPECT_EQ(b.config.handing_on.non_cached_tokens, 100);
  EXPECT_EQ(b.config.pools[1].kv_block_bytes, 16.0 * 2 * 32 * 8 * 128 * 2) << "of a block, on both GPUs";
}

// The picker's file has a profile for each role. A prompt that it believes cached where it is answered goes
// nowhere else: the second time that each of the two prompts is asked.
TEST(Pools, PrefillAndDecodeAreChosenByLlmDsProfiles) {
  const TempFolder folder;
  folder.write("epp.yaml", R"(apiVersion: llm-d.ai/v1alpha1
kind: EndpointPickerConfig
plugins:
- { type: prefix-based-pd-decider, parameters: { nonCachedTokens: 300 } }
- { type: disagg-profile-handler, parameters: { deciders: { prefill: prefix-based-pd-decider } } }
- type: prefill-filter
- type: decode-filter
- type: prefix-cache-scorer
- type: queue-scorer
schedulingProfiles:
- name: prefill
  plugins: [{ pluginRef: prefill-filter }, { pluginRef: queue-scorer }]
- name: decode
  plugins: [{ pluginRef: decode-filter }, { pluginRef: prefix-cache-scorer, weight: 3 }]
)");
  const std::string middle =
      "hardware: { gpu: H100 }\npools: [{ name: p, role: prefill }, { name: d, role: decode, replicas: 2 }]\n"
      "router: { policy: epp, config: " +
      folder.path() + "/epp.yaml }\n";
  const std::vector<Override> two_prompts{
      parse_override("workload.prefix={groups: 2, within_input: true, tokens: "
                     "{distribution: constant, value: 480}}")};
  BuiltSimulation b = built(middle, two_prompts);
  EXPECT_EQ(b.config.handing_on.non_cached_tokens, 300);
  const RunResult result = simulate(b.config, *b.source);
  EXPECT_EQ(result.legs.records.size(), 2u);
  for (const RequestRecord& r : result.requests) EXPECT_EQ(r.outcome, Outcome::completed);
  const Said said = said_by([&] {
    built("hardware: { gpu: H100 }\nrouter: { policy: epp, config: " + folder.path() + "/epp.yaml }\n");
  });
  EXPECT_EQ(said.heads[0].substr(said.heads[0].find("the file")),
            "the file is for prefill and decode endpoints, of which there are none");
}

// A prompt whose blocks come in no time is answered a step over one token later than where it was computed.
TEST(Pools, BlocksTakeTheTimeThatTheirBytesTake) {
  const auto ttft = [](const std::string& gbps) {
    BuiltSimulation b = built(
        "hardware: { gpu: H100 }\npools: [{ name: p, role: prefill }, { name: d, role: decode }]\n"
        "links: { kv_transfer: { bandwidth_gbps: " +
        gbps + " } }\n");
    const RunResult result = simulate(b.config, *b.source);
    return Seconds(result.requests[0].first_token - result.requests[0].arrival).count();
  };
  // 500 tokens are 32 blocks of 2 MiB; and the first request's are alone on the way.
  EXPECT_NEAR(ttft("100") - ttft("0"), 32 * 2.097152e6 * 8 / 1e11, 1e-6);
}

// Half of the layers keep 128 tokens: of 1,600 tokens their 100 blocks of 16, and nine.
TEST(Pools, WindowsAreHandedOnAsFarAsTheyReach) {
  const std::vector<Override> windows{parse_override("model=gpt-oss-20b")};
  const BuiltSimulation b = built(
      "hardware: { gpu: H100 }\npools: [{ name: p, role: prefill }, { name: d, role: decode }]\n", windows);
  EXPECT_EQ(b.config.pools[1].engine->kv_blocks(1600), 100 + 9);
  EXPECT_EQ(b.config.pools[1].kv_block_bytes, 16.0 * 2 * 12 * 8 * 64 * 2) << "of half of the layers";
  const auto other = [&](const std::string& model, const std::string& version) {
    return said_by([&] {
             built(
                 "hardware: { gpu: H200 }\npools: [{ name: p, role: prefill }, { name: d, role: decode }]\n",
                 std::vector<Override>{parse_override("model=" + model),
                                       parse_override("engine.vllm_version=" + version),
                                       parse_override("engine.max_model_len=8192")});
           })
        .all;
  };
  EXPECT_NE(other("nemotron-h-8b-base-8k", "2026-08-17").find("whose transfer is not modelled"),
            std::string::npos);
  // Versions before let go of groups by themselves, and may be told not to once their connector knows them.
  const auto old = [&](const std::string& version, const std::string& off) {
    return built("hardware: { gpu: H100 }\npools: [{ name: p, role: prefill }, { name: d, role: decode }]\n",
                 std::vector<Override>{windows[0], parse_override("engine.vllm_version=" + version),
                                       parse_override("engine.disable_hybrid_kv_cache_manager=" + off)})
        .config.pools[1]
        .engine->kv_blocks(1600);
  };
  EXPECT_EQ(old("2026-05-10", "null"), 100) << "one group of all layers";
  EXPECT_EQ(old("2026-05-10", "false"), 100 + 9);
  const Said said = said_by([&] { old("2026-03-01", "false"); });
  EXPECT_NE(said.all.find("keeps windows whole beside a connector, or does not start"), std::string::npos);
}

// llm-d's guide wide-ep-lws, smaller: a block lies on the GPUs of its rank, and is pulled over their links.
TEST(Pools, RanksThatAreEndpointsComputePromptsAndAnswers) {
  const std::string ranks =
      "{data_parallel_size: 4, data_parallel_external_lb: true, enable_expert_parallel: true}";
  const auto apart = built("hardware: { gpu: H100 }\npools: [{ name: p, role: prefill, engine: " + ranks +
                               " }, { name: d, role: decode, engine: " + ranks + " }]\n",
                           std::vector<Override>{parse_override("model=qwen3-30b-a3b")});
  for (const Pool& pool : apart.config.pools) {
    EXPECT_EQ(pool.gpus, 4);
    EXPECT_EQ(pool.engine->endpoints(), 4);
    EXPECT_EQ(pool.kv_block_bytes, 16.0 * 2 * 48 * 4 * 128 * 2)
        << "tokens, K and V, layers, heads, elements, bytes";
  }
}

struct PoolMistake {
  const char* name;
  std::string middle;
  std::string head;
  ErrorKind kind = ErrorKind::usage;
};
class PoolMistakes : public testing::TestWithParam<PoolMistake> {};

TEST_P(PoolMistakes, AreReportedAtTheirPlace) {
  const Said said = said_by([] { built(GetParam().middle); });
  EXPECT_EQ(said.kind, GetParam().kind);
  ASSERT_FALSE(said.heads.empty());
  EXPECT_EQ(said.heads[0], GetParam().head) << said.all;
}

INSTANTIATE_TEST_SUITE_P(
    All, PoolMistakes,
    testing::Values(
        PoolMistake{"both", "hardware: {gpu: H100}\nreplicas: 2\npools: [{name: a}]\n",
                    "s.yaml:4:11: `replicas` and `pools` say the same"},
        PoolMistake{"none", "hardware: {gpu: H100}\npools: []\n", "s.yaml:4:1: `pools` has no pool"},
        PoolMistake{"unnamed", "hardware: {gpu: H100}\npools: [{replicas: 2}]\n",
                    "s.yaml:4:9: missing key `pools.0.name`"},
        PoolMistake{"twice", "hardware: {gpu: H100}\npools: [{name: a}, {name: a}]\n",
                    "s.yaml:4:1: two pools are called `a`"},
        PoolMistake{"no_gpu", "pools: [{name: a}]\n", "s.yaml:3:9: missing section `pools.0.hardware`"},
        PoolMistake{"decode", "hardware: {gpu: H100}\npools:\n- {name: a, role: prefill}\n",
                    "s.yaml:5:19: no pool does the rest of what `prefill` leaves"},
        PoolMistake{
            "all_three",
            "hardware: {gpu: H100}\npools: [{name: a, role: prefill}, {name: b, role: decode}, {name: c}]\n",
            "s.yaml:4:1: a pool that does both, beside some that do not, is not modelled",
            ErrorKind::not_modelled},
        PoolMistake{"kv_dtypes", kApart + "engine: {kv_cache_dtype: fp8}}\n",
                    "s.yaml:6:52: KV blocks of one type do not become another on their way"},
        PoolMistake{"store", kApart + "engine: {kv_connector: {gb_per_s: 10, latency_ms: 1}}}\n",
                    "s.yaml:6:36: a store of KV blocks beside pools that hand blocks on is not modelled",
                    ErrorKind::not_modelled},
        PoolMistake{"resets", kApart + "engine: {reset_prefix_cache: {at_s: [5]}}}\n",
                    "s.yaml:6:36: a reset of the prefix cache where KV blocks come from elsewhere is not "
                    "modelled: vLLM's "
                    "engine stops with an error if a load is under way",
                    ErrorKind::not_modelled},
        PoolMistake{
            "picker", kApart + "}\nrouter: {policy: epp}\n",
            "s.yaml:7:18: llm-d's picker has one profile, and prefill and decode pools need one each"},
        PoolMistake{"links", "hardware: {gpu: H100}\nlinks: {kv_transfer: {bandwidth_gbps: 100}}\n",
                    "s.yaml:4:9: nothing passes over `links.kv_transfer`"},
        PoolMistake{"short_prompts", "hardware: {gpu: H100}\nrouter: {non_cached_tokens: 100}\n",
                    "s.yaml:4:29: no prompt is computed apart from its answer"},
        PoolMistake{"unknown_role", "hardware: {gpu: H100}\npools: [{name: a, role: encode}]\n",
                    "s.yaml:4:25: `pools.0.role` has a wrong value"},
        PoolMistake{"unknown_key", "hardware: {gpu: H100}\npools: [{name: a, replica: 2}]\n",
                    "s.yaml:4:19: unknown key `replica`"},
        PoolMistake{"unknown_gpu", "pools: [{name: a, hardware: {gpu: H1000}}]\n",
                    "s.yaml:3:35: unknown GPU `H1000`"},
        PoolMistake{"option_of_another", "hardware: {gpu: H100}\nrouter: {policy: random, temperature: 1}\n",
                    "s.yaml:4:26: unknown key `temperature`"},
        PoolMistake{"file_of_another", "hardware: {gpu: H100}\nrouter: {policy: random, config: a.yaml}\n",
                    "s.yaml:4:34: the router `random` has no configuration file"},
        PoolMistake{"no_metrics",
                    "hardware: {gpu: H100}\nrouter: {policy: random, refresh_metrics_interval_ms: 5}\n",
                    "s.yaml:4:55: the router `random` reads no metrics"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace blis
