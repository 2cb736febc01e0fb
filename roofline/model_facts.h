// A model's architecture as a Hugging Face config.json has it (keys of a nested `text_config` win over the
// top level); each field names the keys it comes from. It knows the layers of softmax and latent attention,
// MLPs and experts; layer_list() makes the list of layers that everything is computed from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "roofline/model_config.h"

namespace blis {

struct MoeConfig {
  int experts = 0;              // n_routed_experts, num_local_experts, num_experts
  int experts_per_token = 0;    // num_experts_per_tok
  std::int64_t ffn = 0;         // moe_intermediate_size; Mixtral, gpt-oss, MiniMax and Llama 4:
                                // intermediate_size
  std::int64_t shared_ffn = 0;  // of all shared experts together: n_shared_experts x ffn,
                                // shared_expert_intermediate_size; Llama 4 has one, of `ffn`
  int dense_prefix_layers = 0;  // first_k_dense_replace
  int every = 1;                // one layer in `every` has experts, the last of each run:
                                // moe_layer_freq, decoder_sparse_step, interleave_moe_layer_step
  std::vector<int> dense = {};  // further layers without experts, from 0, ascending: mlp_only_layers,
                                // moe_layer_freq as a list
};

// Multi-head latent attention (DeepSeek): the cache holds one compressed vector a token.
struct MlaConfig {
  int q_lora_rank = 0;  // 0: queries are projected directly
  int kv_lora_rank = 0;
  int qk_nope_head_dim = 0;
  int qk_rope_head_dim = 0;
  int v_head_dim = 0;
};

// Layers that attend to a limited context.
struct WindowConfig {
  enum class Kind : std::uint8_t { sliding, chunked };
  Kind kind = Kind::sliding;
  std::int64_t tokens = 0;      // sliding_window (only where use_sliding_window is not false), or
                                // attention_chunk_size
  int layers = 0;               // how many of the model's layers: "sliding_attention" or
                                // "chunked_attention" in layer_types; without that key all layers
                                // (Mistral), or all but every fourth (Llama 4)
  std::vector<int> which = {};  // of them, from 0, ascending; empty: spread evenly over the model
};

struct ModelFacts {
  std::string name;        // the folder of model_configs/, for messages
  std::string model_type;  // for messages
  std::string served_by;   // see ModelConfig

  int layers = 0;                            // num_hidden_layers
  std::int64_t hidden = 0;                   // hidden_size
  int heads = 0;                             // num_attention_heads
  int kv_heads = 0;                          // num_key_value_heads; absent or 0 means `heads`
  int head_dim = 0;                          // head_dim; absent means hidden / heads
  std::int64_t ffn = 0;                      // of a dense layer: intermediate_size (Llama 4:
                                             // intermediate_size_mlp); absent means 4 x hidden
  std::int64_t vocab = 0;                    // vocab_size
  std::int64_t max_position_embeddings = 0;  // longest sequence that may be asked for; 0: unknown
  std::int64_t default_max_model_len = 0;    // taken unasked, where that is less (longrope); 0: the same
  std::string max_model_len_from;            // see ModelConfig
  double dtype_bytes = 2;                    // torch_dtype or dtype: float32 4; float16, bfloat16 2 (also
                                             // when absent); int8, uint8, fp8, int4, nf4 1
  bool tie_word_embeddings = false;          // the head reuses the embedding's weights

  // Elements of a vision tower and its projector, from `vision_config`; they are sharded by TP like the
  // text layers. See vision_elements().
  double vision_elements = 0;
  bool whole_vision = false;  // see ModelConfig, likewise these
  double audio_elements = 0;
  BesideLayers beside;
  std::optional<VisionEncoder> vision;  // how it encodes; empty: text alone

  std::optional<MoeConfig> moe;
  std::optional<MlaConfig> mla;
  std::optional<WindowConfig> window;
  int predicting_layers = 0;     // num_nextn_predict_layers, mtp_num_hidden_layers
  bool attention_sinks = false;  // see SoftmaxAttention
  bool plain_mlp = false;        // dense layers have MLPs of two matrices
  double position_elements = 0;  // see ModelConfig
  // The layers, where the fields above cannot say how they differ; then those are of a usual layer.
  std::optional<LayerList> own_layers;
  Quantization quantization;

  // See ModelConfig.
  std::vector<std::string> not_modelled;
  std::vector<std::string> remarks;

  // What vLLM takes from generation_config.json when the client sends nothing; sorting for them costs
  // time. Empty: unknown, taken as off.
  std::optional<bool> default_top_p_or_k;

  operator ModelConfig() const;
};

// Whether a layer (from 0) has experts.
bool has_experts(const ModelFacts& facts, int layer);
LayerList layer_list(const ModelFacts& facts);

}  // namespace blis
