// Configs that list what each layer is, beside or in place of the keys that count them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "problems.h"
#include "roofline/kv_capacity.h"
#include "scenarios/catalog.h"
#include "temp_folder.h"

namespace blis {
namespace {

std::string listed(int first, const char* of_first, int others, const char* of_others) {
  std::string text;
  for (int i = 0; i < first + others; ++i) {
    text += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", i < first ? of_first : of_others);
  }
  return "[" + text + "]";
}

// GLM-5's shapes, in six layers of which the first three are dense.
std::string glm(const std::string& more) {
  return R"({"architectures": ["GlmMoeDsaForCausalLM"], "model_type": "glm_moe_dsa", "hidden_size": 6144,
    "num_hidden_layers": 6, "num_attention_heads": 64, "num_key_value_heads": 64, "q_lora_rank": 2048,
    "kv_lora_rank": 512, "qk_nope_head_dim": 192, "qk_rope_head_dim": 64, "v_head_dim": 256,
    "index_head_dim": 128, "index_n_heads": 32, "index_topk": 2048, "first_k_dense_replace": 3,
    "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8, "moe_intermediate_size": 2048,
    "intermediate_size": 12288, "vocab_size": 154880, "max_position_embeddings": 202752)" +
         more + "}";
}

Said said_of(const std::string& config) {
  const TempFolder folder;
  return said_by([&] { read_model_facts(folder.write("m/config.json", config)); });
}

TEST(ListedLayers, AreCountedWhereNoKeyDoes) {
  const TempFolder folder;
  const ModelFacts model = read_model_facts(
      folder.write("m/config.json", R"({"architectures": ["NemotronHForCausalLM"], "model_type": "nemotron_h",
        "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128,
        "mamba_num_heads": 128, "mamba_head_dim": 64, "n_groups": 8, "ssm_state_size": 128,
        "intermediate_size": 8192, "vocab_size": 131072, "max_position_embeddings": 8192,
        "mtp_layers_block_type": ["attention", "mlp"],
        "layers_block_type": ["mamba", "mlp", "mamba", "attention", "mlp"]})"));
  EXPECT_EQ(model.layers, 5);
  EXPECT_EQ(layer_list(model).count(), 5);
}

TEST(ListedLayers, MaySayWhatOtherKeysSay) {
  const TempFolder folder;
  const auto layers = [&](const std::string& more) {
    return layer_list(read_model_facts(folder.write("m/config.json", glm(more)))).runs();
  };
  const std::vector<LayerRun> by_keys = layers("");
  const std::vector<LayerRun> by_lists = layers(R"(, "mlp_layer_types": )" + listed(3, "dense", 3, "sparse") +
                                                R"(, "indexer_types": )" + listed(6, "full", 0, ""));
  ASSERT_EQ(by_keys.size(), 2u);
  ASSERT_EQ(by_lists.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(by_lists[i].count, 3);
    EXPECT_EQ(by_lists[i].channel->kind(), by_keys[i].channel->kind());
  }
}

TEST(ListedLayers, ThatContradictOtherKeysAreRefused) {
  const Said said = said_of(glm(R"(, "mlp_layer_types": )" + listed(2, "dense", 4, "sparse")));
  EXPECT_EQ(said.kind, ErrorKind::usage);
  EXPECT_NE(said.all.find("`mlp_layer_types` and `first_k_dense_replace` contradict"), std::string::npos)
      << said.all;
  EXPECT_EQ(said_of(glm(R"(, "indexer_types": )" + listed(5, "full", 0, ""))).kind, ErrorKind::usage);
}

// Of GLM-5.2: the first three layers, and each fourth of the rest.
TEST(ListedLayers, ThatShareAnIndexerKeepNoIndexKeys) {
  const TempFolder folder;
  const ModelConfig model = read_model_facts(folder.write(
      "m/config.json", glm(R"(, "index_topk_freq": 2, "index_skip_topk_offset": 3, "indexer_types": ["full",
          "full", "full", "shared", "full", "shared"])")));
  const std::vector<LayerRun>& runs = model.layers.runs();
  ASSERT_EQ(runs.size(), 4u);  // dense, and one with experts of each kind in turn
  EXPECT_EQ(runs[0].mixer->part({}).cores.size(), 2u);
  EXPECT_EQ(runs[1].mixer->part({}).cores.size(), 1u);
  EXPECT_EQ(runs[1].mixer->part({}).cores[0].reach, (Reach{Reach::Kind::top_k, 2048}));
  const KvLayout layout = kv_layout(model);
  EXPECT_EQ(layout.groups.size(), 1u);
  EXPECT_EQ(layout.block_size, 64);
  const KvCapacity kv = kv_capacity(model, {}, {}, {.block_size = 64, .kv_cache_bytes = 40 * kGiB});
  EXPECT_EQ(kv.block_bytes, 64 * (6 * 1152 + 4 * 132));
  EXPECT_EQ(kv.num_blocks, static_cast<std::int64_t>(40 * kGiB) / kv.block_bytes);
  // Layers 0 to 2, and 3 to 5, of which one has an indexer.
  EXPECT_EQ(
      kv_capacity(model, {}, {.pipeline = 2}, {.block_size = 64, .kv_cache_bytes = 40 * kGiB}).block_bytes,
      64 * (3 * 1152 + 3 * 132));
}

TEST(ListedLayers, ThatShareAnIndexerMayBeCountedOrSpelled) {
  const auto indexers = [](const std::string& more) {
    const TempFolder folder;
    const ModelConfig model = read_model_facts(folder.write("m/config.json", glm(more)));
    int layers = 0;
    for (const auto& [half, count] : model.layers.halves()) {
      if (half->part({}).cores.size() == 2) layers += count;
    }
    return layers;
  };
  EXPECT_EQ(indexers(""), 6);
  EXPECT_EQ(indexers(R"(, "index_topk_freq": 1, "index_skip_topk_offset": 3)"), 6);
  EXPECT_EQ(indexers(R"(, "index_topk_freq": 2, "index_skip_topk_offset": 3)"), 4);
  EXPECT_EQ(indexers(R"(, "index_topk_pattern": "FFSSSF")"), 3);
}

TEST(ListedLayers, ThatContradictWhatCountsIndexersAreRefused) {
  for (const std::string& more :
       {R"(, "index_topk_freq": 3, "index_skip_topk_offset": 3, "indexer_types": )" +
            listed(4, "full", 2, "shared"),
        std::string(R"(, "index_topk_freq": 3)"), std::string(R"(, "index_topk_pattern": "FFS")"),
        std::string(R"(, "index_topk_pattern": "SFFFFF")"),
        R"(, "indexer_types": )" + listed(6, "shared", 0, "")}) {
    EXPECT_EQ(said_of(glm(more)).kind, ErrorKind::usage) << more;
  }
}

// Llama 4's `moe_layers` says what a step says, which is all that vLLM reads.
TEST(ListedLayers, WithExpertsMayBeListedBesideTheirStep) {
  const auto llama4 = [](const std::string& listed) {
    return R"({"architectures": ["Llama4ForCausalLM"], "model_type": "llama4_text", "hidden_size": 512,
      "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 8, "intermediate_size": 512,
      "intermediate_size_mlp": 1024, "num_local_experts": 16, "num_experts_per_tok": 1, "vocab_size": 1000,
      "max_position_embeddings": 8192, "attention_chunk_size": 1024, "interleave_moe_layer_step": 2,
      "moe_layers": )" +
           listed + "}";
  };
  const TempFolder folder;
  EXPECT_EQ(layer_list(read_model_facts(folder.write("m/config.json", llama4("[1, 3]")))).count(), 4);
  const Said said = said_of(llama4("[0, 1, 2, 3]"));
  EXPECT_EQ(said.kind, ErrorKind::usage);
  EXPECT_NE(said.all.find("`moe_layers` and `interleave_moe_layer_step` contradict"), std::string::npos)
      << said.all;
}

}  // namespace
}  // namespace blis
