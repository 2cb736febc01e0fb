// Layers that differ: what each of them has is where the config puts it.
#include <gtest/gtest.h>

#include "problems.h"
#include "roofline/kv_capacity.h"
#include "roofline/model_card.h"
#include "scenarios/catalog.h"
#include "temp_folder.h"

namespace blis {
namespace {

ModelFacts read_placed(const std::string& keys) {
  const TempFolder folder;
  return read_model_facts(folder.write("m/config.json", "{" + keys + "}"));
}

const std::string kSearched = R"("model_type": "nemotron-nas", "hidden_size": 1024, "num_attention_heads": 16,
    "vocab_size": 1000, "num_hidden_layers": 3, "max_position_embeddings": 4096, "block_configs": [)";
const std::string kWhole = R"({"attention": {"n_heads_in_group": 4}, "ffn": {"ffn_mult": 1.5}})";

TEST(SearchedLayers, HaveTheWidthsOfTheirBlocks) {
  const ModelConfig model =
      read_placed(kSearched + kWhole + R"(, {"attention": {"no_op": true}, "ffn": {"ffn_mult": 0.7}},
      {"attention": {"n_heads_in_group": 4}, "ffn": {"no_op": true}}])");
  const std::vector<LayerRun>& runs = model.layers.runs();
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].mixer, runs[2].mixer) << "layers that are alike share their parts";
  EXPECT_EQ(runs[1].mixer, nullptr);
  EXPECT_EQ(runs[2].channel, nullptr);
  const ParameterCount n = count_parameters(model);
  EXPECT_EQ(n.attention, 2 * (1024 * (16 + 2 * 4) * 64 + 1024 * 1024));
  EXPECT_EQ(n.dense_mlp, 3 * 1024 * (1024 + 512)) << "int(2 x 1.5 x 1024 / 3), and 477 rounded up to 512";
}

TEST(SearchedLayers, ThatContradictThemselvesAreMistakes) {
  EXPECT_NE(said_by([] { read_placed(kSearched + kWhole + "]"); }).all.find("contradict each other"),
            std::string::npos);
  const Said uneven = said_by([] {
    read_placed(kSearched + kWhole + "," + kWhole +
                R"(, {"attention": {"n_heads_in_group": 5}, "ffn": {"no_op": true}}])");
  });
  EXPECT_NE(uneven.all.find("does not divide `num_attention_heads`"), std::string::npos) << uneven.all;
}

TEST(SearchedLayers, OfOtherKindsAreNotModelled) {
  const Said linear = said_by([] {
    read_placed(kSearched + kWhole + "," + kWhole +
                R"(, {"attention": {"replace_with_linear": true}, "ffn": {"no_op": true}}])");
  });
  EXPECT_EQ(linear.kind, ErrorKind::not_modelled) << linear.all;
}

TEST(SearchedLayers, MayDifferInTheirKvHeads) {
  const ModelFacts model =
      read_placed(kSearched + kWhole + "," + kWhole +
                  R"(, {"attention": {"n_heads_in_group": 8}, "ffn": {"no_op": true}}])");
  const KvLayout layout = kv_layout(model);
  EXPECT_EQ(layout.groups.size(), 1u);  // of unequal pages
  EXPECT_TRUE(layout.sums_pages);
}

std::vector<int> layers_with_experts(const ModelFacts& model) {
  std::vector<int> layers;
  for (int i = 0; i < model.layers; ++i) {
    if (has_experts(model, i)) layers.push_back(i);
  }
  return layers;
}
const std::string kExperts = R"("hidden_size": 64, "num_hidden_layers": 6, "num_attention_heads": 4,
    "num_key_value_heads": 4, "vocab_size": 100, "intermediate_size": 128, "moe_intermediate_size": 32,
    "max_position_embeddings": 4096, "n_shared_experts": 0, )";

TEST(ExpertPlacement, FollowsPrefixesPeriodsAndLists) {
  const std::string qwen =
      R"("model_type": "qwen3_moe", "num_experts": 8, "num_experts_per_tok": 2, )" + kExperts;
  EXPECT_EQ(layers_with_experts(read_placed(qwen + R"("mlp_only_layers": [2, 4])")),
            (std::vector<int>{0, 1, 3, 5}));
  EXPECT_EQ(layers_with_experts(read_placed(qwen + R"("decoder_sparse_step": 2, "mlp_only_layers": [3])")),
            (std::vector<int>{1, 5}));
  const std::string deepseek =
      R"("model_type": "deepseek", "n_routed_experts": 8, "num_experts_per_tok": 2, )" + kExperts;
  EXPECT_EQ(layers_with_experts(read_placed(deepseek + R"("first_k_dense_replace": 1, "moe_layer_freq": 2)")),
            (std::vector<int>{2, 4}));
  EXPECT_EQ(layers_with_experts(read_placed(deepseek + R"("moe_layer_freq": [0, 1, 1, 0, 0, 1])")),
            (std::vector<int>{1, 2, 5}));
  const std::string ernie = R"("model_type": "ernie4_5_moe", "moe_num_experts": 8, "moe_k": 2, )" + kExperts;
  EXPECT_EQ(layers_with_experts(read_placed(
                ernie + R"("moe_layer_start_index": 1, "moe_layer_end_index": 4, "moe_layer_interval": 2)")),
            (std::vector<int>{1, 3}));
}

TEST(ExpertPlacement, InListsOfAnotherLengthIsAMistake) {
  const Said said = said_by([] {
    read_placed(
        R"("model_type": "deepseek", "n_routed_experts": 8, "num_experts_per_tok": 2, "moe_layer_freq": [0, 1], )" +
        kExperts + R"("first_k_dense_replace": 0)");
  });
  EXPECT_NE(said.all.find("`moe_layer_freq` and `num_hidden_layers` contradict each other"),
            std::string::npos)
      << said.all;
}

}  // namespace
}  // namespace blis
