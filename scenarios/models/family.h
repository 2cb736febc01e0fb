// The families of models that are known, a row for each `model_type` of Hugging Face: whether the arithmetic
// here has what such a model is made of, and where its config says so. What its class means by keys that are
// absent is in class_defaults.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"

namespace blis {

// Which layers see a window only, where `layer_types` does not list them.
enum class Windows : std::uint8_t {
  if_given,        // all, if `sliding_window` is a number
  if_used,         // the same, if `use_sliding_window` is true; the first `max_window_layers` see everything
  all_if_used,     // the same, whatever `max_window_layers` says
  every_nth_full,  // all but each `full_every`-th
  chunked,         // those with rotation, which see chunks (attention_chunk_size)
};

// Which layers of a mixture of experts are dense.
enum class DenseLayers : std::uint8_t {
  none,
  prefix,       // the first: first_k_dense_replace
  step,         // all but each decoder_sparse_step-th, and those of mlp_only_layers
  interleaved,  // all but each interleave_moe_layer_step-th
};
enum class SharedExperts : std::uint8_t {
  none,
  counted,      // n_shared_experts or num_shared_experts, each as wide as a routed one
  width_given,  // shared_expert_intermediate_size or shared_intermediate_size, of all together
  like_routed,  // one, as wide as a routed one
};
struct ExpertLayout {
  DenseLayers dense = DenseLayers::none;
  SharedExperts shared = SharedExperts::none;
  std::string_view width = "moe_intermediate_size";  // the key of a routed expert's width
  int dense_below = 0;                 // with fewer experts than this, the model is dense; 0: it never is
  std::string_view shared_width = {};  // the key of a counted shared one's; absent: as a routed one
};

struct Family {
  std::string_view model_type;
  std::string_view architectures;    // classes of vLLM that generate text with it, separated by blanks
  std::string_view unmodelled = {};  // what the arithmetic does not have; empty: it has everything
  std::string_view text = {};        // of a multimodal model: its language model, unless its config says
  bool guessed = false;              // of a type that nobody knows: what is absent is as in Llama
  bool kv_heads = true;              // a key says how many; false: as many as heads, or `departs` knows
  bool head_dim = false;             // must be given; else it is hidden / heads where absent
  Windows windows = Windows::if_given;
  int full_every = 0;                                  // of every_nth_full
  std::string_view dense_width = "intermediate_size";  // the key of a dense layer's; empty: there is none
  std::optional<ExpertLayout> experts = {};
  bool plain_mlp = false;        // MLPs of two matrices
  bool attention = true;         // some layer has heads
  bool latent = false;           // multi-head latent attention
  bool stretches = true;         // rope scaling lengthens the longest sequence
  bool parallel_blocks = false;  // attention and MLP of a layer side by side
  // Of a multimodal model. The `model_type` of a tower whose config does not say, in class_defaults.h; empty:
  // all must be given. A model of which no tower is told has one of these sizes, or else of that class.
  std::string_view vision_type = {}, untold_vision = {};
  bool towers_may_be_absent = false;
  VisionTower (*vision)(Section& vision, const ModelFacts& text, Findings& findings) = nullptr;
  double (*audio)(Section& audio, const ModelFacts& text, Findings& findings) = nullptr;
  void (*departs)(Keys& keys, ModelFacts& model) = nullptr;  // what only this family does
  void (*layers)(Keys& keys, ModelFacts& model) = nullptr;   // ModelFacts::own_layers; runs last
};

std::span<const Family> families();
const Family* find_family(std::string_view model_type);  // nullptr if nobody knows it

}  // namespace blis
