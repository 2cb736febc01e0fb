// A model that is not modelled, through the program: every command refuses it alike, and where the user
// allows it nothing claims an accuracy.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cli/run_blis.h"
#include "tools/cli/exit_code.h"

namespace blis {
namespace {

constexpr int kNotModelled = static_cast<int>(ExitCode::not_modelled);

// DeepSeek-V3.2, with the sizes of GLM-5 and without the keys of its indexer, which its class does not have
// either.
const std::string kConfig =
    R"({"architectures": ["DeepseekV32ForCausalLM"], "model_type": "deepseek_v32", "dtype": "bfloat16",
"hidden_size": 6144, "num_hidden_layers": 78, "num_attention_heads": 64, "num_key_value_heads": 64,
"head_dim": 64, "intermediate_size": 12288, "vocab_size": 154880, "max_position_embeddings": 202752,
"tie_word_embeddings": false, "hidden_act": "silu", "n_routed_experts": 256, "n_shared_experts": 1,
"num_experts_per_tok": 8, "moe_intermediate_size": 2048, "first_k_dense_replace": 3,
"moe_layer_freq": 1, "q_lora_rank": 2048, "kv_lora_rank": 512, "qk_rope_head_dim": 64,
"qk_nope_head_dim": 192, "v_head_dim": 256, "num_nextn_predict_layers": 1, "quantization_config":
{"activation_scheme": "dynamic", "fmt": "e4m3", "quant_method": "fp8", "weight_block_size": [128,
128]}, "n_group": 1, "topk_group": 1})";
const std::string kUnmodelledScenario = R"(version: 1
model: ./glm
hardware: { gpu: H200 }
engine: { tensor_parallel_size: 8, max_model_len: 8192 }
workload:
  kind: synthetic
  num_requests: 5
  arrival: { process: poisson, request_rate: 1 }
  input_tokens: { distribution: constant, value: 100 }
  output_tokens: { distribution: constant, value: 10 }
slo: { p99_ttft_ms: 5000 }
)";

class Unmodelled : public testing::Test {
 protected:
  std::vector<std::vector<std::string>> commands() {
    const std::string config = folder_.write("glm/config.json", kConfig);
    const std::string scenario = folder_.write("glm.yaml", kUnmodelledScenario);
    return {{"run", scenario},
            {"step", "--model", folder_.path("glm"), "--gpu", "H200", "-tp", "8", "--decode", "8@1000"},
            {"compare", scenario, "--vary", "engine.max_num_seqs=8,16"},
            {"validate", scenario},
            {"validate", config}};
  }
  TempFolder folder_;
};

TEST_F(Unmodelled, IsRefusedByEveryCommandAlike) {
  for (const std::vector<std::string>& command : commands()) {
    const Finished refused = run_blis(command);
    EXPECT_EQ(refused.status, kNotModelled) << command[0] << refused.err;
    EXPECT_NE(refused.err.find("sparse attention, without the keys of its indexer"), std::string::npos)
        << command[0] << refused.err;
    EXPECT_NE(refused.err.find("--allow-unmodelled"), std::string::npos) << refused.err;
  }
}

TEST_F(Unmodelled, RunsWhereItIsAllowedWithoutAnyClaimOfAccuracy) {
  for (std::vector<std::string> command : commands()) {
    command.emplace_back("--allow-unmodelled");
    const Finished allowed = run_blis(command);
    EXPECT_EQ(allowed.status, 0) << command[0] << allowed.err;
    const std::string all = allowed.out + allowed.err;
    EXPECT_NE(all.find("sparse attention"), std::string::npos) << command[0] << all;
    EXPECT_EQ(all.find("nine of ten"), std::string::npos) << command[0] << all;
    EXPECT_EQ(all.find("Accuracy:"), std::string::npos) << command[0] << all;
  }
}

TEST_F(Unmodelled, IsMarkedInEveryDocumentOfARun) {
  std::vector<std::string> command = commands()[0];
  const std::string out = folder_.path("out");
  for (const char* const more : {"--allow-unmodelled", "-o"}) command.emplace_back(more);
  command.push_back(out);
  const Finished run = run_blis(command);
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.err.find("UNSCORED"), std::string::npos) << run.err;
  EXPECT_NE(run.out.find("Unscored, as parts are left out"), std::string::npos) << run.out;
  const auto result = nlohmann::json::parse(contents(out + "/result.json"));
  EXPECT_EQ(result["unscored"], true);
  EXPECT_GE(result["not_modelled"].size(), 1u) << result["not_modelled"];
  EXPECT_TRUE(result["accuracy"].is_null());
  EXPECT_NE(contents(out + "/scenario.resolved.yaml").find("allow_unmodelled: true"), std::string::npos);
  const Finished again = run_blis({"run", out + "/scenario.resolved.yaml"});
  EXPECT_EQ(again.status, 0) << again.err;
}

TEST_F(Unmodelled, IsNoTitleForModelsThatAreModelled) {
  const Finished step = run_blis({"step", "--model", "qwen3-8b", "--gpu", "H100", "--decode", "8@1000",
                                  "--allow-unmodelled", "--output-format", "json"});
  ASSERT_EQ(step.status, 0) << step.err;
  EXPECT_FALSE(nlohmann::json::parse(step.out).contains("unscored"));
}

TEST(ExitStatuses, OfTheReadmeAreThoseOfTheProgram) {
  const std::string readme = contents(BLIS_SOURCE_DIR "/README.md");
  std::string line = readme.substr(readme.find("Exit status: "), 500);
  std::ranges::replace(line, '\n', ' ');
  for (const ExitStatus& status : kExitStatuses) {
    const std::string number = " " + std::to_string(static_cast<int>(status.code)) + " ";
    EXPECT_NE(line.find(number), std::string::npos) << number << status.meaning;
  }
}

}  // namespace
}  // namespace blis
