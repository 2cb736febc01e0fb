// A model of each family that the given configs do not have, in its published shapes, has its published size.
#include <gtest/gtest.h>

#include <string>

#include "roofline/model_config.h"
#include "scenarios/catalog.h"
#include "temp_folder.h"

namespace blis {
namespace {

struct Published {
  const char* name;
  double billions;  // of the model's card
  const char* config;
};

constexpr Published kPublished[] = {
    {"GLM-4-9B", 9.4,
     R"({"model_type": "glm", "architectures": ["GlmForCausalLM"], "hidden_size": 4096, "num_hidden_layers": 40,
      "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128, "intermediate_size": 13696, "vocab_size": 151552,
      "attention_bias": true, "partial_rotary_factor": 0.5, "max_position_embeddings": 131072})"},
    {"GLM-4-32B-0414", 32.6,
     R"({"model_type": "glm4", "architectures": ["Glm4ForCausalLM"], "hidden_size": 6144,
      "num_hidden_layers": 61, "num_attention_heads": 48, "num_key_value_heads": 2, "head_dim": 128, "intermediate_size": 23040,
      "vocab_size": 151552, "max_position_embeddings": 32768})"},
    {"GLM-4.7-Flash", 30,
     R"({"model_type": "glm4_moe_lite", "architectures": ["Glm4MoeLiteForCausalLM"], "hidden_size": 2048,
      "num_hidden_layers": 47, "num_attention_heads": 20, "num_key_value_heads": 20, "q_lora_rank": 768, "kv_lora_rank": 512,
      "qk_nope_head_dim": 192, "qk_rope_head_dim": 64, "v_head_dim": 256, "n_routed_experts": 64, "num_experts_per_tok": 4,
      "n_shared_experts": 1, "moe_intermediate_size": 1536, "intermediate_size": 10240, "first_k_dense_replace": 1,
      "vocab_size": 154880, "max_position_embeddings": 202752})"},
    {"Phi-3.5-MoE", 41.9,
     R"({"model_type": "phimoe", "architectures": ["PhiMoEForCausalLM"], "hidden_size": 4096,
      "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 6400,
      "num_local_experts": 16, "num_experts_per_tok": 2, "lm_head_bias": true, "input_jitter_noise": 0.01,
      "router_jitter_noise": 0.01, "vocab_size": 32064, "max_position_embeddings": 131072})"},
    {"OLMo-7B", 6.9,
     R"({"model_type": "olmo", "architectures": ["OlmoForCausalLM"], "hidden_size": 4096, "num_hidden_layers": 32,
      "num_attention_heads": 32, "intermediate_size": 11008, "vocab_size": 50304, "max_position_embeddings": 2048})"},
    {"Orion-14B", 14.5, R"({"model_type": "orion", "architectures": ["OrionForCausalLM"], "hidden_size": 5120,
      "num_hidden_layers": 40, "num_attention_heads": 40, "num_key_value_heads": 40, "intermediate_size": 15360,
      "vocab_size": 84608, "max_position_embeddings": 4096})"},
    {"solar-pro-preview", 22.1,
     R"({"model_type": "solar", "architectures": ["SolarForCausalLM"], "hidden_size": 5120,
      "num_hidden_layers": 64, "num_attention_heads": 40, "num_key_value_heads": 10, "intermediate_size": 17920,
      "bskcn_1": [12, 20, 32, 44], "bskcn_tv": [0.9, 0.8], "vocab_size": 32128, "max_position_embeddings": 4096})"},
    {"Hunyuan-7B", 7.5,
     R"({"model_type": "hunyuan_v1_dense", "architectures": ["HunYuanDenseV1ForCausalLM"], "hidden_size": 4096,
      "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 14336,
      "tie_word_embeddings": true, "use_qk_norm": true, "use_cla": false, "vocab_size": 128167, "max_position_embeddings": 262144})"},
    {"Mamba-Codestral-7B", 7.3,
     R"({"model_type": "mamba2", "architectures": ["Mamba2ForCausalLM"], "hidden_size": 4096,
      "num_hidden_layers": 64, "num_heads": 128, "head_dim": 64, "n_groups": 8, "state_size": 128, "expand": 2,
      "conv_kernel": 4, "vocab_size": 32768, "max_position_embeddings": 1048576})"},
    {"Qwen2-VL-7B", 8.29,
     R"({"model_type": "qwen2_vl", "architectures": ["Qwen2VLForConditionalGeneration"], "hidden_size": 3584,
      "num_hidden_layers": 28, "num_attention_heads": 28, "num_key_value_heads": 4, "intermediate_size": 18944,
      "vocab_size": 152064, "max_position_embeddings": 32768, "vision_config": {"depth": 32, "embed_dim": 1280, "mlp_ratio": 4,
      "num_heads": 16, "in_chans": 3, "hidden_size": 3584, "patch_size": 14, "spatial_merge_size": 2, "spatial_patch_size": 14,
      "temporal_patch_size": 2}})"},
};

TEST(FamilySizes, AreThoseOfTheModelsCards) {
  for (const Published& model : kPublished) {
    const TempFolder folder;
    const ModelConfig read = read_model_facts(folder.write("m/config.json", model.config));
    EXPECT_NEAR(count_parameters(read).total() / (model.billions * 1e9), 1, 0.02) << model.name;
    EXPECT_TRUE(read.not_modelled.empty()) << model.name;
  }
}

}  // namespace
}  // namespace blis
