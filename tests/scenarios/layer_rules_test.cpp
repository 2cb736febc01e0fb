// Which layers see how much, and what vLLM refuses of lists and counts that say it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "problems.h"
#include "scenarios/catalog.h"
#include "temp_folder.h"

namespace blis {
namespace {

ModelFacts read_layers(const std::string& config, const ModelRules& rules = {}) {
  const TempFolder folder;
  return read_model_facts(folder.write("m/config.json", config), rules);
}

std::string llama4(const std::string& more) {
  return R"({"model_type": "llama4_text", "num_hidden_layers": 8)" + more + "}";
}

TEST(LayerRules, OfLlama4FollowTheLayersWithoutRotationAndNothingElse) {
  struct Row {
    const char* keys;
    std::vector<int> chunked;
  };
  for (const auto& [keys, chunked] :
       {Row{"", {0, 1, 2, 4, 5, 6}}, Row{R"(, "no_rope_layers": [])", {0, 1, 2, 4, 5, 6}},
        Row{R"(, "no_rope_layer_interval": 2)", {0, 2, 4, 6}},
        Row{R"(, "no_rope_layers": [0, 1, 1, 1, 1, 1, 1, 0], "no_rope_layer_interval": 2)",
            {1, 2, 3, 4, 5, 6}},
        Row{R"(, "layer_types": ["full_attention", "full_attention", "full_attention", "full_attention",
                "full_attention", "full_attention", "full_attention", "full_attention"])",
            {0, 1, 2, 4, 5, 6}}}) {
    const ModelFacts model = read_layers(llama4(keys));
    ASSERT_TRUE(model.window) << keys;
    EXPECT_EQ(model.window->which, chunked) << keys;
  }
  EXPECT_FALSE(read_layers(llama4(R"(, "attention_chunk_size": null)")).window);
  EXPECT_NE(
      said_by([] { read_layers(llama4(R"(, "no_rope_layers": [1, 0])")); }).all.find("contradict each other"),
      std::string::npos);
}

TEST(LayerRules, OfGptOssAlternateWhateverIsListed) {
  const auto gpt_oss = [](const char* types) {
    return fmt::format(R"({{"model_type": "gpt_oss", "num_hidden_layers": 2, "layer_types": {}}})", types);
  };
  EXPECT_EQ(read_layers(gpt_oss("null")).window->which, std::vector<int>{0});
  EXPECT_EQ(read_layers(gpt_oss(R"(["sliding_attention", "full_attention"])")).window->which,
            std::vector<int>{0});
  const Said said = said_by([&] { read_layers(gpt_oss(R"(["full_attention", "sliding_attention"])")); });
  EXPECT_EQ(said.kind, ErrorKind::not_modelled);
  EXPECT_NE(said.all.find("which vLLM does not have"), std::string::npos) << said.all;
}

TEST(LayerRules, OfQwenCountedOtherwiseBeforeLayersHadTypes) {
  const std::string config = R"({"model_type": "qwen2", "use_sliding_window": true, "max_window_layers": 0})";
  EXPECT_NO_THROW(read_layers(config, {.vllm = {{10, 1}}}));
  EXPECT_NE(said_by([&] {
              read_layers(config, {.vllm = {{10, 0}}});
            }).all.find("before vLLM 0.10.1"),
            std::string::npos);
  EXPECT_NO_THROW(
      read_layers(R"({"model_type": "qwen2", "use_sliding_window": false})", {.vllm = {{10, 0}}}));
}

TEST(LayerRules, OfJambaPutEachKindSomewhere) {
  const auto jamba = [](const char* key, int value) {
    return fmt::format(R"({{"model_type": "jamba", "{}": {}}})", key, value);
  };
  EXPECT_NO_THROW(read_layers(jamba("attn_layer_offset", 7)));
  EXPECT_NE(said_by([&] { read_layers(jamba("attn_layer_offset", 8)); }).all.find("an integer from 0 to 7"),
            std::string::npos);
  EXPECT_NE(said_by([&] { read_layers(jamba("expert_layer_offset", 2)); }).all.find("an integer from 0 to 1"),
            std::string::npos);
}

TEST(LayerRules, OfMambaGiveEachGroupAsManyHeads) {
  const Said said = said_by([] { read_layers(R"({"model_type": "mamba2", "n_groups": 3})"); });
  EXPECT_NE(said.all.find("`n_groups` does not divide `num_heads`"), std::string::npos) << said.all;
  const Said nemotron = said_by([] {
    read_layers(R"({"model_type": "nemotron_h", "hybrid_override_pattern": "M*-M", "num_hidden_layers": 4,
             "mamba_num_heads": 12})");
  });
  EXPECT_NE(nemotron.all.find("`n_groups` does not divide `mamba_num_heads`"), std::string::npos)
      << nemotron.all;
}

TEST(LayerRules, OfNemotronCountTheLettersOfItsPattern) {
  EXPECT_EQ(read_layers(R"({"model_type": "nemotron_h", "hybrid_override_pattern": "M*-M"})").layers, 4);
  EXPECT_NE(said_by([] {
              read_layers(R"({"model_type": "nemotron_h", "hybrid_override_pattern": ""})");
            }).all.find("missing key `num_hidden_layers`"),
            std::string::npos);
}

TEST(LayerRules, OfAConfigThatStatesNoLengthAllowAny) {
  const ModelFacts mamba = read_layers(R"({"model_type": "mamba"})");
  EXPECT_EQ(mamba.default_max_model_len, 2048) << "vLLM's own";
  EXPECT_EQ(mamba.max_position_embeddings, 0) << "any may be asked for";
}

}  // namespace
}  // namespace blis
