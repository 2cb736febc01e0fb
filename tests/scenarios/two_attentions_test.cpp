// Models whose layers with a window have other heads than those that see everything.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "problems.h"
#include "roofline/kinds.h"
#include "roofline/kv_capacity.h"
#include "roofline/model_card.h"
#include "scenarios/catalog.h"
#include "temp_folder.h"

namespace blis {
namespace {

std::string repeated(int times, const std::string& pattern) {
  std::string text;
  for (int i = 0; i < times; ++i) text += (i == 0 ? "" : ", ") + pattern;
  return "[" + text + "]";
}

ModelConfig read_model(const std::string& config) {
  const TempFolder folder;
  return read_model_facts(folder.write("m/config.json", config));
}
Said said_of(const std::string& config) {
  const TempFolder folder;
  return said_by([&] { read_model_facts(folder.write("m/config.json", config)); });
}

constexpr const char* kPeriod =
    R"("sliding_attention", "sliding_attention", "sliding_attention", "sliding_attention", "sliding_attention", "full_attention")";

// The shapes of google/gemma-4-31B-it's text model.
std::string gemma4(const std::string& more = "") {
  return fmt::format(
      R"({{"architectures": ["Gemma4ForCausalLM"], "model_type": "gemma4_text", "hidden_size": 5376,
    "num_hidden_layers": 60, "hidden_size_per_layer_input": 0, "num_attention_heads": 32, "num_key_value_heads": 16, "head_dim": 256,
    "global_head_dim": 512, "num_global_key_value_heads": 4, "attention_k_eq_v": true, "sliding_window": 1024,
    "intermediate_size": 21504, "vocab_size": 262144, "max_position_embeddings": 262144, "layer_types": {}{}}})",
      repeated(10, kPeriod), more);
}

// The shapes of stepfun-ai/Step-3.5-Flash: its lists go on for three layers that predict ahead.
std::string step35(const std::string& routed) {
  return fmt::format(
      R"({{"architectures": ["Step3p5ForCausalLM"], "model_type": "step3p5", "hidden_size": 4096,
    "num_hidden_layers": 45, "num_attention_heads": 64, "num_attention_groups": 8, "head_dim": 128,
    "intermediate_size": 11264, "vocab_size": 128896, "max_position_embeddings": 262144, "sliding_window": 512,
    "use_head_wise_attn_gate": true, "moe_num_experts": 288, "moe_top_k": 8, "moe_intermediate_size": 1280,
    "share_expert_dim": 1280, "moe_layers_enum": "{}", "layer_types": {},
    "attention_other_setting": {{"attention_type": "sliding_attention", "num_attention_heads": 96,
      "num_attention_groups": 8, "head_dim": 128, "true_head_dim": 128}}}})",
      routed,
      repeated(12, R"("full_attention", "sliding_attention", "sliding_attention", "sliding_attention")"));
}

std::string numbers(int first, int end) {
  std::string text;
  for (int i = first; i < end; ++i) text += fmt::format("{}{}", i == first ? "" : ",", i);
  return text;
}

// MiMo-V2's shapes, in twelve layers.
std::string mimo(const std::string& pattern) {
  return R"({"architectures": ["MiMoV2FlashForCausalLM"], "model_type": "mimo_v2_flash", "hidden_size": 4096,
    "num_hidden_layers": 12, "num_attention_heads": 64, "num_key_value_heads": 4, "head_dim": 192, "v_head_dim": 128,
    "swa_num_attention_heads": 64, "swa_num_key_value_heads": 8, "swa_head_dim": 192, "swa_v_head_dim": 128,
    "sliding_window": 128, "sliding_window_size": 128, "intermediate_size": 16384, "vocab_size": 152576,
    "max_position_embeddings": 262144, "n_routed_experts": 256, "num_experts_per_tok": 8, "moe_intermediate_size": 2048,
    "moe_layer_freq": [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], "hybrid_layer_pattern": )" +
         pattern + "}";
}

TEST(TwoAttentions, OfGemma4HaveTheSizeOfTheModelCard) {
  const ModelCard card = model_card(read_model(gemma4()));
  EXPECT_NEAR(card.total_params / 30.7e9, 1, 0.002);
  EXPECT_EQ(card.kv_bytes_per_token, 10 * 2 * 2 * 4 * 512);  // keys for values, and both kept
  EXPECT_EQ(card.kv_bytes_per_token_windowed, 50 * 2 * 2 * 16 * 256);
}

TEST(TwoAttentions, GiveTheSmallerKindMoreTokensABlock) {
  const KvLayout layout = kv_layout(read_model(gemma4()));
  ASSERT_EQ(layout.groups.size(), 6u);  // ten layers each
  EXPECT_EQ(layout.layers_per_group, 10);
  EXPECT_EQ(layout.page_bytes, 16 * 2 * 2 * 16 * 256);
  EXPECT_EQ(layout.block_size_of(layout.groups[0]), 32);
  EXPECT_EQ(layout.groups[0].kind, KvKind::full);
  for (std::size_t g = 1; g < layout.groups.size(); ++g)
    EXPECT_EQ(layout.block_size_of(layout.groups[g]), 16);
  EXPECT_TRUE(layout.has_unequal_blocks());
  // 2,000 tokens: 63 blocks of 32, and five windows of 1,023 tokens and 100 in flight, that may begin amid a
  // block.
  EXPECT_EQ(request_blocks(layout, 100, 2000), 63 + 5 * (71 + 1));
}

TEST(TwoAttentions, BecomeAlikeWhereTensorParallelismMakesThemSo) {
  const ModelConfig model = read_model(mimo("[0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1]"));
  EXPECT_EQ(kv_layout(model, {.tensor = 1}).page_bytes, 16 * 2 * 8 * (192 + 128));
  EXPECT_TRUE(kv_layout(model, {.tensor = 4}).has_unequal_blocks());   // one KV head, and two
  EXPECT_FALSE(kv_layout(model, {.tensor = 8}).has_unequal_blocks());  // one each
}

TEST(TwoAttentions, WhoseSizesDoNotDivideAreRefusedAsVllmDoes) {
  const Said said = said_by([] { kv_layout(read_model(gemma4(R"(, "num_global_key_value_heads_": 0)"))); });
  EXPECT_EQ(said.kind, ErrorKind::not_modelled);  // an unknown key
  ModelFacts facts;
  facts.name = "odd", facts.layers = 2, facts.hidden = 1024, facts.vocab = 1000,
  facts.heads = facts.kv_heads = 8;
  LayerList layers;
  layers.add(softmax_attention({1024, 8, 8, 64}), gated_mlp({1024, 1024}));
  layers.add(softmax_attention({1024, 9, 3, 64, {Reach::Kind::window, 128}}), gated_mlp({1024, 1024}));
  facts.own_layers = layers;
  EXPECT_EQ(said_by([&] { kv_layout(facts); }).kind, ErrorKind::usage);
}

TEST(TwoAttentions, OfStepHaveMoreHeadsWhereTheySeeLess) {
  const ModelConfig model = read_model(step35(numbers(3, 48)));
  const ModelCard card = model_card(model);
  EXPECT_NEAR(card.total_params / 196e9, 1, 0.005);
  EXPECT_NEAR(card.active_params / 11e9, 1, 0.1);       // "11 B", of 12 with the tables of tokens
  EXPECT_FALSE(kv_layout(model).has_unequal_blocks());  // as many KV heads
  EXPECT_EQ(kv_layout(model).groups.size(), 4u);
}

TEST(TwoAttentions, ThatContradictThemselvesAreRefused) {
  EXPECT_EQ(said_of(mimo("[0, 1]")).kind, ErrorKind::usage);
  EXPECT_EQ(said_of(step35("3,4,x")).kind, ErrorKind::usage);
}

}  // namespace
}  // namespace blis
