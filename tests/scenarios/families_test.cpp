// Families of models by the sizes of published ones: the keys of a checkpoint that decide, and its published
// number of parameters.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "roofline/model_card.h"
#include "scenarios/catalog.h"
#include "temp_folder.h"

namespace blis {
namespace {

struct Published {
  const char* name;
  const char* config;
  double billions;
  double kv_bytes;  // of a token, in all layers
  std::int64_t longest;
  int vllm_minor = kNewestVllmMinor;
};

constexpr int kLastWithAll = 23;  // some classes were removed after it

std::ostream& operator<<(std::ostream& out, const Published& model) {
  return out << model.name;
}

constexpr Published kModels[] = {
    {"zai-org/glm-4-9b-chat-hf",
     R"({"architectures": ["GlmForCausalLM"], "model_type": "glm", "attention_bias": true, "head_dim": 128,
       "hidden_size": 4096, "intermediate_size": 13696, "max_position_embeddings": 131072,
       "num_attention_heads": 32, "num_hidden_layers": 40, "num_key_value_heads": 2, "pad_token_id": 151329,
       "partial_rotary_factor": 0.5, "tie_word_embeddings": false, "vocab_size": 151552})",
     9.40, 40 * 2 * 2 * 2 * 128, 131072},
    {"zai-org/GLM-4-9B-0414",
     R"({"architectures": ["Glm4ForCausalLM"], "model_type": "glm4", "attention_bias": true, "head_dim": 128,
       "hidden_size": 4096, "intermediate_size": 13696, "max_position_embeddings": 32768,
       "num_attention_heads": 32, "num_hidden_layers": 40, "num_key_value_heads": 2,
       "partial_rotary_factor": 0.5, "tie_word_embeddings": false, "vocab_size": 151552})",
     9.40, 40 * 2 * 2 * 2 * 128, 32768},
    {"zai-org/GLM-4-32B-0414",
     R"({"architectures": ["Glm4ForCausalLM"], "model_type": "glm4", "head_dim": 128, "hidden_size": 6144,
       "intermediate_size": 23040, "max_position_embeddings": 32768, "num_attention_heads": 48,
       "num_hidden_layers": 61, "num_key_value_heads": 2, "vocab_size": 151552})",
     32.6, 61 * 2 * 2 * 2 * 128, 32768},
    {"upstage/solar-pro-preview-instruct",
     R"({"architectures": ["SolarForCausalLM"], "model_type": "solar", "hidden_size": 5120,
       "intermediate_size": 17920, "max_position_embeddings": 4096, "num_attention_heads": 40,
       "num_hidden_layers": 64, "num_key_value_heads": 10, "bskcn_1": [12, 20, 32, 44],
       "bskcn_tv": [0.9, 0.8], "vocab_size": 32128})",
     22.1, 64 * 2 * 2 * 10 * 128, 4096},
    {"zai-org/GLM-4.7-Flash",
     R"({"architectures": ["Glm4MoeLiteForCausalLM"], "model_type": "glm4_moe_lite", "hidden_size": 2048,
       "intermediate_size": 10240, "moe_intermediate_size": 1536, "num_attention_heads": 20,
       "num_key_value_heads": 20, "num_hidden_layers": 47, "num_nextn_predict_layers": 1,
       "first_k_dense_replace": 1, "n_routed_experts": 64, "n_shared_experts": 1, "num_experts_per_tok": 4,
       "q_lora_rank": 768, "kv_lora_rank": 512, "qk_nope_head_dim": 192, "qk_rope_head_dim": 64,
       "v_head_dim": 256, "n_group": 1, "topk_group": 1, "topk_method": "noaux_tc", "norm_topk_prob": true,
       "routed_scaling_factor": 1.8, "partial_rotary_factor": 1.0, "rope_interleave": true,
       "max_position_embeddings": 202752, "tie_word_embeddings": false, "vocab_size": 154880})",
     29.9, 47 * 2 * 576, 202752},
    {"microsoft/Phi-3.5-MoE-instruct",
     R"({"architectures": ["PhiMoEForCausalLM"], "model_type": "phimoe", "attention_bias": true,
       "hidden_size": 4096, "input_jitter_noise": 0.01, "intermediate_size": 6400, "lm_head_bias": true,
       "max_position_embeddings": 131072, "num_attention_heads": 32, "num_experts_per_tok": 2,
       "num_hidden_layers": 32, "num_key_value_heads": 8, "num_local_experts": 16,
       "original_max_position_embeddings": 4096, "router_jitter_noise": 0.01, "sliding_window": 131072,
       "rope_scaling": {"type": "longrope", "short_mscale": 1.24, "long_mscale": 1.24,
         "original_max_position_embeddings": 4096}, "tie_word_embeddings": false, "vocab_size": 32064})",
     41.9, 32 * 2 * 2 * 8 * 128, 4096},
    {"tencent/Hunyuan-7B-Instruct",
     R"({"architectures": ["HunYuanDenseV1ForCausalLM"], "model_type": "hunyuan_v1_dense", "head_dim": 128,
       "attention_head_dim": 128, "hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32,
       "num_hidden_layers": 32, "num_key_value_heads": 8, "use_qk_norm": true, "use_cla": false,
       "rope_scaling": {"type": "dynamic", "alpha": 1000.0, "factor": 1.0}, "tie_word_embeddings": true,
       "max_position_embeddings": 32768, "add_classification_head": false, "vocab_size": 128167})",
     7.50, 32 * 2 * 2 * 8 * 128, 32768},
    {"internlm/internlm3-8b-instruct",
     R"({"architectures": ["InternLM3ForCausalLM"], "model_type": "internlm3", "bias": false, "head_dim": 128,
       "hidden_size": 4096, "intermediate_size": 10240, "max_position_embeddings": 32768,
       "num_attention_heads": 32, "num_hidden_layers": 48, "num_key_value_heads": 2, "qkv_bias": false,
       "rope_scaling": {"factor": 6.0, "rope_type": "dynamic"}, "tie_word_embeddings": false,
       "vocab_size": 128512})",
     8.80, 48 * 2 * 2 * 2 * 128, 6 * 32768},
    {"allenai/OLMo-7B-hf",
     R"({"architectures": ["OlmoForCausalLM"], "model_type": "olmo", "clip_qkv": null, "hidden_size": 4096,
       "intermediate_size": 11008, "max_position_embeddings": 2048, "num_attention_heads": 32,
       "num_hidden_layers": 32, "num_key_value_heads": 32, "tie_word_embeddings": false, "vocab_size": 50304})",
     6.89, 32 * 2 * 2 * 4096, 2048},
    {"OrionStarAI/Orion-14B-Chat",
     R"({"architectures": ["OrionForCausalLM"], "model_type": "orion", "hidden_size": 5120,
       "intermediate_size": 15360, "max_position_embeddings": 4096, "num_attention_heads": 40,
       "num_hidden_layers": 40, "num_key_value_heads": 40, "tie_word_embeddings": false, "vocab_size": 84608})",
     14.5, 40 * 2 * 2 * 5120, 4096},
    {"baichuan-inc/Baichuan2-7B-Chat",
     R"({"architectures": ["BaichuanForCausalLM"], "model_type": "baichuan", "hidden_size": 4096,
       "intermediate_size": 11008, "max_position_embeddings": 4096, "model_max_length": 4096,
       "num_attention_heads": 32, "num_hidden_layers": 32, "tie_word_embeddings": false, "z_loss_weight": 0,
       "vocab_size": 125696})",
     7.51, 32 * 2 * 2 * 4096, 4096, kLastWithAll},
    {"rednote-hilab/dots.llm1.inst",
     R"({"architectures": ["Dots1ForCausalLM"], "model_type": "dots1", "hidden_size": 4096,
       "intermediate_size": 10944, "moe_intermediate_size": 1408, "num_hidden_layers": 62,
       "num_attention_heads": 32, "num_key_value_heads": 32, "n_routed_experts": 128, "n_shared_experts": 2,
       "num_experts_per_tok": 6, "first_k_dense_replace": 1, "moe_layer_freq": 1, "norm_topk_prob": true,
       "max_position_embeddings": 32768, "sliding_window": null, "max_window_layers": 62,
       "tie_word_embeddings": false, "vocab_size": 152064})",
     142, 62 * 2 * 2 * 4096, 32768, kLastWithAll},
    {"allenai/Olmo-Hybrid-7B",
     R"({"architectures": ["OlmoHybridForCausalLM"], "model_type": "olmo_hybrid", "hidden_size": 3840,
       "intermediate_size": 11008, "max_position_embeddings": 65536, "num_attention_heads": 30,
       "num_hidden_layers": 32, "num_key_value_heads": 30, "linear_num_key_heads": 30,
       "linear_num_value_heads": 30, "linear_key_head_dim": 96, "linear_value_head_dim": 192,
       "linear_conv_kernel_dim": 4, "linear_allow_neg_eigval": true, "tie_word_embeddings": false,
       "vocab_size": 100352})",
     7.43, 8 * 2 * 2 * 3840, 65536},
    {"mistralai/Mamba-Codestral-7B-v0.1",
     R"({"architectures": ["Mamba2ForCausalLM"], "model_type": "mamba2", "hidden_size": 4096, "expand": 2,
       "num_hidden_layers": 64, "num_heads": 128, "head_dim": 64, "n_groups": 8, "state_size": 128,
       "conv_kernel": 4, "chunk_size": 256, "intermediate_size": 8192, "norm_before_gate": true,
       "rms_norm": true, "time_step_rank": 256, "tie_word_embeddings": false, "vocab_size": 32768})",
     7.285, 0, 2048},
    {"mistralai/Ministral-3-8B-Instruct-2512",
     R"({"architectures": ["Mistral3ForConditionalGeneration"], "model_type": "mistral3",
       "text_config": {"model_type": "ministral3", "head_dim": 128, "hidden_size": 4096,
         "intermediate_size": 14336, "max_position_embeddings": 262144, "num_attention_heads": 32,
         "num_hidden_layers": 34, "num_key_value_heads": 8, "vocab_size": 131072, "tie_word_embeddings": false,
         "rope_parameters": {"beta_fast": 32.0, "beta_slow": 1.0, "factor": 16.0, "llama_4_scaling_beta": 0.1,
           "original_max_position_embeddings": 16384, "rope_theta": 1000000.0, "rope_type": "yarn"}},
       "vision_config": {"model_type": "pixtral", "hidden_size": 1024, "intermediate_size": 4096,
         "num_hidden_layers": 24, "num_attention_heads": 16, "patch_size": 14, "image_size": 1540}})",
     8.92, 34 * 2 * 2 * 8 * 128, 262144},
    {"Qwen/Qwen2-VL-7B-Instruct",
     R"({"architectures": ["Qwen2VLForConditionalGeneration"], "model_type": "qwen2_vl", "hidden_size": 3584,
       "intermediate_size": 18944, "max_position_embeddings": 32768, "max_window_layers": 28,
       "num_attention_heads": 28, "num_hidden_layers": 28, "num_key_value_heads": 4, "sliding_window": 32768,
       "use_sliding_window": false, "tie_word_embeddings": false, "vocab_size": 152064,
       "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]},
       "vision_config": {"depth": 32, "embed_dim": 1280, "mlp_ratio": 4, "num_heads": 16, "in_chans": 3,
         "hidden_size": 3584, "patch_size": 14, "spatial_merge_size": 2, "spatial_patch_size": 14,
         "temporal_patch_size": 2}})",
     8.29, 28 * 2 * 2 * 4 * 128, 32768},
    {"zai-org/GLM-4.1V-9B-Thinking",
     R"({"architectures": ["Glm4vForConditionalGeneration"], "model_type": "glm4v", "image_token_id": 151343,
       "image_start_token_id": 151339, "image_end_token_id": 151340, "tie_word_embeddings": false,
       "text_config": {"model_type": "glm4v_text", "attention_bias": true, "hidden_size": 4096,
         "intermediate_size": 13696, "max_position_embeddings": 65536, "num_attention_heads": 32,
         "num_hidden_layers": 40, "num_key_value_heads": 2, "vocab_size": 151552,
         "partial_rotary_factor": 0.5, "rope_scaling": {"type": "default", "mrope_section": [8, 12, 12]}},
       "vision_config": {"model_type": "glm4v", "depth": 24, "hidden_size": 1536, "image_size": 336,
         "in_channels": 3, "intermediate_size": 13696, "num_heads": 12, "out_hidden_size": 4096,
         "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2}})",
     10.29, 40 * 2 * 2 * 2 * 128, 65536},
    {"zai-org/GLM-4.5V",
     R"({"architectures": ["Glm4vMoeForConditionalGeneration"], "model_type": "glm4v_moe",
       "text_config": {"model_type": "glm4v_moe_text", "attention_bias": true, "head_dim": 128,
         "first_k_dense_replace": 1, "hidden_size": 4096, "intermediate_size": 10944,
         "max_position_embeddings": 65536, "moe_intermediate_size": 1408, "n_routed_experts": 128,
         "n_shared_experts": 1, "num_experts_per_tok": 8, "num_attention_heads": 96, "num_hidden_layers": 46,
         "num_key_value_heads": 8, "use_qk_norm": false, "vocab_size": 151552, "tie_word_embeddings": false,
         "partial_rotary_factor": 0.5, "rope_scaling": {"type": "default", "mrope_section": [8, 12, 12]}},
       "vision_config": {"model_type": "glm4v_moe", "depth": 24, "hidden_size": 1536, "image_size": 336,
         "in_channels": 3, "intermediate_size": 10944, "num_heads": 12, "out_hidden_size": 4096,
         "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2}})",
     107.7, 46 * 2 * 2 * 8 * 128, 65536},
    {"moonshotai/Kimi-VL-A3B-Instruct",
     R"({"architectures": ["KimiVLForConditionalGeneration"], "model_type": "kimi_vl", "ignore_index": -100,
       "media_placeholder_token_id": 163605,
       "text_config": {"model_type": "deepseek_v3", "hidden_size": 2048, "intermediate_size": 11264,
         "moe_intermediate_size": 1408, "num_hidden_layers": 27, "num_attention_heads": 16,
         "num_key_value_heads": 16, "n_shared_experts": 2, "n_routed_experts": 64, "num_experts_per_tok": 6,
         "first_k_dense_replace": 1, "moe_layer_freq": 1, "kv_lora_rank": 512, "q_lora_rank": null,
         "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "n_group": 1, "topk_group": 1,
         "max_position_embeddings": 131072, "vocab_size": 163840, "tie_word_embeddings": false},
       "vision_config": {"model_type": "moonvit", "patch_size": 14, "num_attention_heads": 16,
         "num_hidden_layers": 27, "hidden_size": 1152, "intermediate_size": 4304,
         "init_pos_emb_height": 64, "init_pos_emb_width": 64, "merge_kernel_size": [2, 2]}})",
     16.4, 27 * 2 * 576, 131072},
    {"OpenGVLab/InternVL3-8B",
     R"({"architectures": ["InternVLChatModel"], "model_type": "internvl_chat", "downsample_ratio": 0.5,
       "dynamic_image_size": true, "force_image_size": 448, "max_dynamic_patch": 12, "select_layer": -1,
       "use_backbone_lora": 0, "use_llm_lora": 0, "hidden_size": 3584, "tie_word_embeddings": false,
       "llm_config": {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 3584,
         "intermediate_size": 18944, "max_position_embeddings": 32768, "num_attention_heads": 28,
         "num_hidden_layers": 28, "num_key_value_heads": 4, "use_sliding_window": false, "vocab_size": 151674},
       "vision_config": {"architectures": ["InternVisionModel"], "model_type": "intern_vit_6b",
         "hidden_size": 1024, "image_size": 448, "intermediate_size": 4096, "num_hidden_layers": 24,
         "num_attention_heads": 16, "patch_size": 14, "qk_normalization": false, "qkv_bias": true}})",
     7.94, 28 * 2 * 2 * 4 * 128, 32768},
};

class Families : public testing::TestWithParam<Published> {};

TEST_P(Families, HaveThePublishedSizes) {
  const Published& known = GetParam();
  const TempFolder folder;
  const ModelRules release{.vllm_minor = known.vllm_minor};
  const ModelCard card = model_card(read_model_config(folder.write("m/config.json", known.config), release));
  EXPECT_NEAR(card.total_params / 1e9 / known.billions, 1, 0.01);
  EXPECT_EQ(card.kv_bytes_per_token + card.kv_bytes_per_token_windowed, known.kv_bytes);
  EXPECT_EQ(card.max_model_len, known.longest);
}

INSTANTIATE_TEST_SUITE_P(Published, Families, testing::ValuesIn(kModels));

}  // namespace
}  // namespace blis
