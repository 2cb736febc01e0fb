// The facts of a model's architecture that time and memory follow from, as a value, and the counts
// derived from them. Filled from a Hugging Face config.json (keys of a nested `text_config` win over
// the top level); each field names the keys it comes from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace blis {

// How weights are stored.
enum class WeightFormat : std::uint8_t {
  native,       // in the model's own dtype
  fp8_tensor,   // 8-bit float, one scale a tensor
  fp8_channel,  // 8-bit float, one scale an output channel
  fp8_block,    // 8-bit float, one scale a `group_size` x `group_size` block
  int8,         // 8-bit integer, one scale an output channel
  int4,         // 4-bit integer, a 16-bit scale (and zero point) a group: AWQ, GPTQ
  mxfp4,        // 4-bit float, an 8-bit scale every 32 weights
  nvfp4,        // 4-bit float, an 8-bit scale every 16 weights
};
std::string_view to_string(WeightFormat format);
// Weight and scale bits an element: 16 * native_bytes / 2 for `native`, 4.25 for mxfp4, ...
// `group_size` 0 stands for the format's own default.
double bits_per_weight(WeightFormat format, double native_bytes, int group_size);

// From `quantization_config` (quant_method fp8 | compressed-tensors | awq | gptq | mxfp4 | ...) or
// `hf_quant_config` (quant_algo, kv_cache_quant_algo). Embeddings, router and head stay in the
// model's dtype unless said.
struct Quantization {
  WeightFormat format = WeightFormat::native;
  std::string method;        // as the config names it, for people: "compressed-tensors"
  int group_size = 0;        // weights that share a scale (weight_block_size[0], group_size); 0: default
  int activation_bits = 16;  // what a GEMM's input is cast to: 8 with fp8 and W8A8 int8 (AWQ, GPTQ and
                             // mxfp4 leave it at 16); 4 with nvfp4
  bool attention = true;     // which parts are quantized: gpt-oss (mxfp4) has experts only, a
  bool dense_mlp = true;     // compressed-tensors `ignore` list may name self_attn or lm_head
  bool experts = true;
  bool lm_head = false;
  bool fp8_kv_cache = false;  // the checkpoint asks for an 8-bit KV cache (kv_cache_quant_algo FP8,
                              // kv_cache_scheme num_bits 8); --kv-cache-dtype auto follows it
};

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
  std::int64_t tokens = 0;  // sliding_window (only where use_sliding_window is not false), or
                            // attention_chunk_size
  int layers = 0;           // how many of the model's layers: "sliding_attention" or
                            // "chunked_attention" in layer_types; without that key all layers
                            // (Mistral), or all but every fourth (Llama 4)
};

struct ModelConfig {
  std::string name;        // the folder of model_configs/, for messages
  std::string model_type;  // for messages

  int layers = 0;                            // num_hidden_layers
  std::int64_t hidden = 0;                   // hidden_size
  int heads = 0;                             // num_attention_heads
  int kv_heads = 0;                          // num_key_value_heads; absent or 0 means `heads`
  int head_dim = 0;                          // head_dim; absent means hidden / heads
  std::int64_t ffn = 0;                      // of a dense layer: intermediate_size (Llama 4:
                                             // intermediate_size_mlp); absent means 4 x hidden
  std::int64_t vocab = 0;                    // vocab_size
  std::int64_t max_position_embeddings = 0;  // 0: unknown
  double dtype_bytes = 2;                    // torch_dtype or dtype: float32 4; float16, bfloat16 2 (also
                                             // when absent); int8, uint8, fp8, int4, nf4 1
  bool tie_word_embeddings = false;          // the head reuses the embedding's weights

  // Elements of a vision tower and its projector, from `vision_config`; they are sharded by TP like the
  // text layers, take memory and, text being all we price, no time. See vision_elements().
  double vision_elements = 0;

  std::optional<MoeConfig> moe;
  std::optional<MlaConfig> mla;
  std::optional<WindowConfig> window;
  Quantization quantization;

  // What vLLM takes from generation_config.json when the client sends nothing; sorting for them costs
  // time. Empty: unknown, taken as off.
  std::optional<bool> default_top_p_or_k;
};

// `vision_config` of Llama 4: an encoder of plain (two-matrix) MLPs behind a pixel-shuffling adapter.
struct VisionConfig {
  int layers = 0;                   // num_hidden_layers
  std::int64_t hidden = 0;          // hidden_size
  std::int64_t ffn = 0;             // intermediate_size
  std::int64_t adapter_hidden = 0;  // projector_output_dim: two matrices, from `ffn`, then to text
};
double vision_elements(const VisionConfig& vision, std::int64_t text_hidden);

// How a deployment splits a model. Data parallelism of dense models is replicas and not seen here.
struct Parallelism {
  int tensor = 1;
  int pipeline = 1;
  int data = 1;                  // MoE ranks in lockstep
  bool expert_parallel = false;  // experts lie whole on tensor x data ranks instead of sliced over TP

  int gpus() const { return tensor * pipeline * data; }
  int expert_ranks() const { return expert_parallel ? tensor * data : 1; }
};

// Throws InputError (usage) where vLLM would refuse to start: heads that TP does not divide, KV heads
// and TP of which neither divides the other, more stages than layers, expert parallelism without
// experts, or a degree below 1.
void check_parallelism(const ModelConfig& model, const Parallelism& parallel);

// Consecutive layers on one GPU of a pipeline. vLLM gives the layers that do not divide evenly to the
// stages before the last, last of them first (get_pp_indices).
struct Stage {
  int first_layer = 0;
  int layers = 0;
  bool embedding = false;  // holds the input embedding
  bool head = false;       // holds the LM head
};
std::vector<Stage> pipeline_stages(const ModelConfig& model, int pipeline);

// Whether a layer (from 0) has experts, and how many of a stage's layers do.
bool is_moe_layer(const ModelConfig& model, int layer);
int moe_layers(const ModelConfig& model, const Stage& stage);

// Heads that one rank holds. KV heads are copied when there are more ranks than heads.
int heads_per_rank(const ModelConfig& model, int tensor_parallel);
int kv_heads_per_rank(const ModelConfig& model, int tensor_parallel);

// Weight elements by where they are. Biases, and q and k norms, are left out (below 0.1 %).
struct ParameterCount {
  double attention = 0;  // projections
  double dense_mlp = 0;  // gated MLPs of layers without experts, three matrices each
  double experts = 0;    // routed experts
  double shared = 0;     // shared experts
  double router = 0;
  double norms = 0;  // two a layer and the last
  double embedding = 0;
  double head = 0;    // 0 when tied to the embedding
  double vision = 0;  // on the first stage

  double total() const {
    return attention + dense_mlp + experts + shared + router + norms + embedding + head + vision;
  }
};
ParameterCount count_parameters(const ModelConfig& model);  // the whole model
double active_parameters(const ModelConfig& model);         // that one token passes through

// Elements that one GPU of a stage holds: sharded by TP, routed experts by EP; KV heads beyond their
// number, the router, norms and MLA's latent projections are copied on every rank.
ParameterCount parameters_on_gpu(const ModelConfig& model, const Parallelism& parallel, const Stage& stage);
// The same in bytes, scales included. MLA's absorbed up-projections, kept in 16 bits beside the stored
// ones, are included too.
double weight_bytes_on_gpu(const ModelConfig& model, const Parallelism& parallel, const Stage& stage);

// Bytes that one token occupies in one layer's cache on one GPU. `kv_dtype_bytes` 0: the model's own
// choice (its dtype, or 1 with an 8-bit checkpoint cache).
double kv_bytes_per_token_and_layer(const ModelConfig& model, int tensor_parallel, double kv_dtype_bytes);
double kv_dtype_bytes(const ModelConfig& model);

}  // namespace blis
