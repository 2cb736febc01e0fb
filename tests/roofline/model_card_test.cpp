// The card of a model: what it counts, by arithmetic that a reader can redo.
#include "roofline/model_card.h"

#include <gtest/gtest.h>

#include "example_models.h"
#include "roofline/kinds.h"
#include "roofline/model_facts.h"

namespace blis {
namespace {

using testing::llama_8b;
using testing::mixtral;

TEST(ModelCard, CountsWhatAModelIsMadeOf) {
  const ModelCard card = model_card(llama_8b());
  ASSERT_EQ(card.layers.size(), 1u);
  EXPECT_EQ(card.layers[0].kind, "full");
  EXPECT_EQ(card.layers[0].count, 32);
  EXPECT_EQ(card.total_params, count_parameters(llama_8b()).total());
  EXPECT_EQ(card.active_params, card.total_params);
  EXPECT_EQ(card.kv_bytes_per_token, 32 * 2 * 8 * 128 * 2) << "32 layers of 8 KV heads of 128, 2 bytes each";
  EXPECT_EQ(card.kv_bytes_per_token_windowed, 0);
  EXPECT_EQ(card.weights_bytes, 2 * card.total_params);
  EXPECT_TRUE(card.supported);
}

TEST(ModelCard, CountsLayersThatLookBackALimitedWayApart) {
  ModelFacts model = llama_8b();
  model.window = WindowConfig{.tokens = 4096, .layers = 24};
  const ModelCard sliding = model_card(model);
  EXPECT_EQ(sliding.kv_bytes_per_token, 8 * 2 * 8 * 128 * 2);
  EXPECT_EQ(sliding.kv_bytes_per_token_windowed, 24 * 2 * 8 * 128 * 2);
  model.window->kind = WindowConfig::Kind::chunked;
  EXPECT_EQ(model_card(model).kv_bytes_per_token_windowed, sliding.kv_bytes_per_token_windowed)
      << "although their cache keeps everything";
  EXPECT_NE(card_line(sliding).find("8 x full"), std::string::npos) << card_line(sliding);
  EXPECT_NE(card_line(sliding).find("24 x sliding"), std::string::npos) << card_line(sliding);
}

TEST(ModelCard, CountsAsActiveWhatATokenPasses) {
  const ModelCard card = model_card(mixtral());
  const double idle = count_parameters(mixtral()).experts * 6 / 8;
  EXPECT_EQ(card.active_params, card.total_params - idle) << "2 of 8 experts";
  EXPECT_NE(card_line(card).find("8 experts, 2 a token"), std::string::npos) << card_line(card);
}

TEST(ModelCard, CountsLayersWithoutAttention) {
  ModelFacts model = llama_8b();
  const Half attention = softmax_attention({model.hidden, model.heads, model.kv_heads, model.head_dim});
  LayerList layers;
  layers.add(attention, gated_mlp({model.hidden, 1024}));
  layers.add(nullptr, gated_mlp({model.hidden, 2048}), 3);
  model.own_layers = layers;
  const ModelCard card = model_card(model);
  EXPECT_EQ(card.layer_count, 4);
  EXPECT_EQ(card.kv_bytes_per_token, 2 * 8 * 128 * 2) << "one layer caches";
  ASSERT_EQ(card.layers.size(), 2u);
  EXPECT_EQ(card.layers[1].kind, "none");
  EXPECT_EQ(card.layers[1].count, 3);
}

TEST(ModelCard, SaysWhichPartsAreQuantized) {
  ModelFacts model = mixtral();
  model.quantization = {.format = WeightFormat::fp8_tensor, .method = "fp8", .attention = false};
  EXPECT_EQ(model_card(model).precision, "fp8 (fp8_tensor); attention, head in 16-bit");
}

TEST(ModelCard, LoadsWhatIsStoredIn32BitsIn16) {
  ModelFacts model = llama_8b();
  model.dtype_bytes = 4;
  EXPECT_EQ(model_card(model).weights_bytes, model_card(llama_8b()).weights_bytes);
}

TEST(ModelCard, OfAModelThatIsLeftOutInPartsSaysSo) {
  ModelFacts model = llama_8b();
  model.not_modelled = {"its indexer"};
  const ModelCard card = model_card(model);
  EXPECT_FALSE(card.supported);
  EXPECT_NE(card_line(card).find("parts left out"), std::string::npos);
  EXPECT_EQ(card_line(unreadable_card("glm-5", {"its indexer"})), "glm-5: not modelled");
}

}  // namespace
}  // namespace blis
