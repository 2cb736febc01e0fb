// Models whose layers keep states, from their config to a run: what the scheduler is given, and what is
// refused.
#include <gtest/gtest.h>

#include "problems.h"
#include "scenarios/build.h"
#include "settings.h"
#include "sim/metrics.h"
#include "temp_folder.h"

namespace blis {
namespace {

const std::string kStateScenario = R"(version: 1
model: )";
const std::string kRest = R"(
hardware: { gpu: H100 }
engine: { max_model_len: 2048, max_num_seqs: 64 }
workload:
  kind: synthetic
  num_requests: 20
  arrival: { process: poisson, request_rate: 50 }
  input_tokens: { distribution: constant, value: 100 }
  output_tokens: { distribution: constant, value: 10 }
)";

// A Mamba of 64 layers.
const std::string kMamba = R"({"architectures": ["FalconMambaForCausalLM"], "model_type": "falcon_mamba",
  "hidden_size": 4096, "num_hidden_layers": 64, "intermediate_size": 8192, "state_size": 16, "conv_kernel": 4,
  "time_step_rank": 256, "vocab_size": 65024, "tie_word_embeddings": false, "torch_dtype": "bfloat16"})";
const std::string kDense = R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama",
  "hidden_size": 4096, "num_hidden_layers": 8, "num_attention_heads": 32, "num_key_value_heads": 8,
  "intermediate_size": 14336, "vocab_size": 128256, "max_position_embeddings": 8192})";
// Attention in each fourth of 8 layers.
const std::string kHybrid = R"({"architectures": ["Qwen3NextForCausalLM"], "model_type": "qwen3_next",
  "hidden_size": 2048, "num_hidden_layers": 8, "num_attention_heads": 16, "num_key_value_heads": 2,
  "head_dim": 256, "vocab_size": 151936, "max_position_embeddings": 262144, "full_attention_interval": 4,
  "linear_num_key_heads": 16, "linear_key_head_dim": 128, "linear_num_value_heads": 32,
  "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4, "num_experts": 16, "num_experts_per_tok": 2,
  "moe_intermediate_size": 512, "shared_expert_intermediate_size": 512, "torch_dtype": "bfloat16"})";

class StateModels : public testing::Test {
 protected:
  ScenarioSettings scenario(const std::string& config, const std::vector<std::string>& settings = {}) const {
    return parsed(kStateScenario + folder_.write("model/config.json", config) + kRest, settings);
  }
  const Catalog& catalog() const { return catalog_; }

 private:
  TempFolder folder_;
  Catalog catalog_{BLIS_SOURCE_DIR};
};

TEST_F(StateModels, WithoutAStatedLengthTakeAnyThatIsAskedFor) {
  EXPECT_EQ(
      *resolve(scenario(kMamba, {"engine.max_model_len=8192"}), catalog()).scenario.engine.max_model_len,
      8192);
}

TEST_F(StateModels, WithoutAttentionRunWithOneBlockASequence) {
  BuiltSimulation built = build(scenario(kMamba), catalog());
  const SchedulerConfig scheduler = engine_config(built.resolved).scheduler;
  const KvGroup whole{.kind = KvKind::state, .mode = StateMode::none, .block_size = kWholeSequence};
  EXPECT_EQ(scheduler.kv_groups, std::vector<KvGroup>{whole});
  EXPECT_FALSE(scheduler.enable_prefix_caching);
  const RunResult run = simulate(built.config, *built.source);
  EXPECT_EQ(summarize(run, metrics_options(built.scenario())).completed, 20);
}

TEST_F(StateModels, WithAttentionShareOnePool) {
  const ResolvedScenario resolved = resolve(scenario(kHybrid), catalog());
  EXPECT_EQ(resolved.kv.layout.block_size, 544);
  const SchedulerConfig scheduler = engine_config(resolved).scheduler;
  EXPECT_EQ(scheduler.block_size, 544);
  const KvGroup states{.kind = KvKind::state, .mode = StateMode::align};
  EXPECT_EQ(scheduler.kv_groups, (std::vector<KvGroup>{{}, states, states, states}));
  EXPECT_EQ(scheduler.behaviour.prefix_cache_retention_interval, 0);
  EXPECT_EQ(resolved.kv.longest_request_blocks, 4 + 3 * 2) << "2,048 tokens, and two states in each group";
}

TEST_F(StateModels, CachePrefixesByThemselvesFrom028On) {
  const auto scheduler = [&](const std::vector<std::string>& settings) {
    return engine_config(resolve(scenario(kHybrid, settings), catalog())).scheduler;
  };
  const KvGroup uncached{.kind = KvKind::state, .mode = StateMode::none, .block_size = kWholeSequence};
  EXPECT_TRUE(scheduler({"engine.vllm_version=0.28"}).enable_prefix_caching);
  EXPECT_FALSE(scheduler({"engine.vllm_version=0.27"}).enable_prefix_caching);
  EXPECT_EQ(scheduler({"engine.vllm_version=0.27"}).kv_groups.back(), uncached);
  EXPECT_TRUE(
      scheduler({"engine.vllm_version=0.27", "engine.enable_prefix_caching=true"}).enable_prefix_caching);
}

// 20 prompts of 1,100 tokens that begin with the same 1,000: a block of 544 is found again, if it is kept.
TEST_F(StateModels, WithAttentionRunWithPrefixesAndWithout) {
  for (const bool caching : {true, false}) {
    BuiltSimulation built =
        build(scenario(kHybrid, {std::string("engine.enable_prefix_caching=") + (caching ? "true" : "false"),
                                 "workload.prefix.groups=1", "workload.prefix.tokens.distribution=constant",
                                 "workload.prefix.tokens.value=1000", "workload.arrival.request_rate=5"}),
              catalog());
    const RunResult run = simulate(built.config, *built.source);
    EXPECT_EQ(summarize(run, metrics_options(built.scenario())).completed, 20) << caching;
    const PrefixStats& prefix = run.engines.front().prefix;
    EXPECT_EQ(prefix.hits % 544, 0);
    EXPECT_EQ(prefix.hits > 10 * 544, caching) << prefix.hits;
  }
}

// One block of attention and, without prefixes to find, one state in each of three groups.
TEST_F(StateModels, RunAsManySequencesAsTheirStatesFit) {
  BuiltSimulation built =
      build(scenario(kHybrid, {"engine.num_gpu_blocks_override=13", "engine.enforce_eager=true",
                               "engine.enable_prefix_caching=false", "engine.max_model_len=544"}),
            catalog());
  const RunResult run = simulate(built.config, *built.source);
  std::int32_t most = 0;
  for (const StepRecord& step : run.engines.front().steps) most = std::max(most, step.running);
  EXPECT_EQ(most, 3) << "12 blocks";
}

TEST_F(StateModels, RefuseWhatTheirStatesCannotDo) {
  const auto message = [&](const std::string& model, const std::vector<std::string>& settings) {
    try {
      resolve(scenario(model, settings), catalog());
      return std::string("nothing");
    } catch (const InputError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_NE(message(kMamba, {"engine.enable_prefix_caching=true"}).find("no prefixes to find"),
            std::string::npos);
  EXPECT_NE(message(kHybrid, {"engine.enable_chunked_prefill=false"}).find("need chunked prefill"),
            std::string::npos);
  EXPECT_NE(
      message(kHybrid, {"engine.prefix_cache_retention_interval=1024"}).find("a multiple of a block's 544"),
      std::string::npos);
  EXPECT_EQ(message(kHybrid, {"engine.prefix_cache_retention_interval=1088"}), "nothing");
  EXPECT_NE(message(kDense, {"engine.prefix_cache_retention_interval=1088"}).find("would have no effect"),
            std::string::npos);
  EXPECT_EQ(message(kDense, {"engine.prefix_cache_retention_interval=0"}), "nothing");
}

TEST_F(StateModels, NeedABlockForEachSequenceWhileDecodesAreCaptured) {
  const std::vector<std::string> few{"engine.num_gpu_blocks_override=63"};
  EXPECT_THROW(resolve(scenario(kMamba, few), catalog()), InputError);
  EXPECT_NO_THROW(resolve(scenario(kMamba, {"engine.num_gpu_blocks_override=64"}), catalog()));
  EXPECT_NO_THROW(resolve(scenario(kMamba, {few[0], "engine.enforce_eager=true"}), catalog()));
}

TEST(StateLayers, ThatContradictTheirConfigAreRefused) {
  const auto refused = [](std::string config, const std::string& from, const std::string& to) {
    TempFolder folder;
    const auto at = config.find(from);
    if (at == std::string::npos) throw std::logic_error("no " + from);
    config.replace(at, from.size(), to);
    try {
      read_model_config(folder.write("config.json", config));
      return std::string();
    } catch (const InputError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_NE(refused(kHybrid, R"("full_attention_interval": 4)", R"("layer_types": ["full_attention"])")
                .find("contradict each other"),
            std::string::npos);
  EXPECT_NE(refused(kHybrid, R"("linear_num_key_heads": 16)", R"("linear_num_key_heads": 0)")
                .find("linear_num_key_heads"),
            std::string::npos);
  EXPECT_NE(refused(kMamba, R"("state_size": 16)", R"("state_size": 16, "ssm_cfg": 3)").find("ssm_cfg"),
            std::string::npos);
}

}  // namespace
}  // namespace blis
