// What time and memory follow from in a model's architecture, as a value, and the counts derived from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "roofline/layers.h"
#include "roofline/parallelism.h"
#include "roofline/quantization.h"
#include "roofline/vision_encoder.h"

namespace blis {

// What a model has beside its layers, other than embedding and head.
struct BesideLayers {
  PartOf before, after;  // runs once, on the first stage and on the last; empty: nothing
  // Of a table that has inputs of each layer for every token (Gemma 3n); sharded, and on every stage.
  double table_elements = 0;
};

struct ModelConfig {
  std::string name;        // the folder of model_configs/, for messages
  std::string model_type;  // for messages
  std::string served_by;   // vLLM's class and the releases with it, in words; empty: not known

  LayerList layers;
  std::int64_t hidden = 0;                   // hidden_size
  std::int64_t vocab = 0;                    // vocab_size
  std::int64_t max_position_embeddings = 0;  // longest sequence that may be asked for; 0: unknown
  std::int64_t default_max_model_len = 0;    // taken unasked, where that is less (longrope); 0: the same
  std::string max_model_len_from;            // the key of the config, or the rule, that the two follow from
  double dtype_bytes = 2;                    // torch_dtype or dtype: float32 4; float16, bfloat16 2 (also
                                             // when absent); int8, uint8, fp8, int4, nf4 1
  bool tie_word_embeddings = false;          // the head reuses the embedding's weights

  // Elements of a vision tower and its projector, from `vision_config`; they are sharded by TP like the
  // text layers. See vision_elements().
  double vision_elements = 0;
  std::optional<VisionEncoder> vision;  // how it encodes; empty: text alone

  bool whole_vision = false;  // not sharded: every rank of the first stage has all of the tower
  double audio_elements = 0;  // of an audio tower, never sharded

  BesideLayers beside;
  int predicting_layers = 0;     // beside `layers`: modules that predict further tokens (MTP)
  double position_elements = 0;  // of a table of learned positions, which every rank of the first stage has

  Quantization quantization;

  // How vLLM keeps what is not kept whole. Its hybrid KV cache manager makes groups of layers with windows,
  // and of those with chunks where it is told to; without it they keep all of their context. Nothing: its
  // default.
  std::optional<bool> hybrid_kv_cache_manager;
  // States at every block boundary, in place of where steps end (mamba_cache_mode all).
  bool states_at_every_block = false;

  // What of the model the arithmetic leaves out, a sentence each, because the user allowed it
  // (`allow_unmodelled`): such a model is not scored. And what it takes as something slightly else.
  std::vector<std::string> not_modelled;
  std::vector<std::string> remarks;

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

// Weight elements by where they are. Biases, and q and k norms, are left out (below 0.1 %).
struct ParameterCount {
  double attention = 0;  // projections
  double dense_mlp = 0;  // gated MLPs of layers without experts, three matrices each
  double experts = 0;    // routed experts
  double shared = 0;     // shared experts
  double router = 0;
  double norms = 0;      // two a layer and the last; convolutions and other small elements of a kind
  double embedding = 0;  // with learned positions
  double head = 0;       // 0 when tied to the embedding
  double vision = 0;     // on the first stage
  double audio = 0;      // likewise
  double copies = 0;     // beside these, in 16 bits: MLA's absorbed up-projections

  double total() const {
    return attention + dense_mlp + experts + shared + router + norms + embedding + head + vision + audio;
  }
};
ParameterCount count_parameters(const ModelConfig& model);  // the whole model
double active_parameters(const ModelConfig& model);         // that one token passes through

// Elements that one GPU of a stage holds: sharded by TP, routed experts by EP; KV heads beyond their
// number, the router, norms and MLA's latent projections are copied on every rank.
ParameterCount parameters_on_gpu(const ModelConfig& model, const Parallelism& parallel, const Stage& stage);
// Elements of routed experts in a layer with this half, on the rank it is described for.
double routed_elements(const LayerPart& part);
double elements_of(const RoutedExperts& routed);
// What the half's matrices that are not stored like the others of their roles take beyond what those would.
struct BytesBeyond {
  double experts = 0, others = 0;  // may be negative
};
BytesBeyond bytes_beyond_roles(const ModelConfig& model, const LayerPart& part);
// The same in bytes, scales included. MLA's absorbed up-projections, kept in 16 bits beside the stored
// ones, are included too.
double weight_bytes_on_gpu(const ModelConfig& model, const Parallelism& parallel, const Stage& stage);

// Bytes that one token occupies in one layer's cache on one GPU. `kv_dtype_bytes` 0: the model's own
// choice (its dtype, or 1 with an 8-bit checkpoint cache).
double kv_bytes_per_token_and_layer(const ModelConfig& model, int tensor_parallel, double kv_dtype_bytes);
double kv_dtype_bytes(const ModelConfig& model);
// The same in all layers that have a cache of their own.
double kv_bytes_per_token(const ModelConfig& model, int tensor_parallel, double kv_dtype_bytes);
// Bytes of state that one sequence occupies on one GPU, whatever its length: in a layer that keeps one (the
// most, should they differ), and in all layers, before pages are rounded up.
double state_bytes_per_layer(const ModelConfig& model, int tensor_parallel);
double state_bytes_per_sequence(const ModelConfig& model, int tensor_parallel);

}  // namespace blis
