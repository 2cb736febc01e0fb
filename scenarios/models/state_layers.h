// Families that mix attention with layers that keep a state, and that say layer by layer which is which.
#pragma once

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"

namespace blis {

// Each `full_attention_interval`-th layer has softmax attention with an output gate, the others a gated delta
// net; or `layer_types` lists them (Qwen3-Next, Qwen3.5).
void layers_of_qwen3_next(Keys& keys, ModelFacts& model);
// The same, with plain attention (OLMo hybrid).
void layers_of_olmo_hybrid(Keys& keys, ModelFacts& model);

// One mixer a layer: Mamba 2, attention or an MLP, a letter of `hybrid_override_pattern` each.
void layers_of_nemotron_h(Keys& keys, ModelFacts& model);
// `layer_types` says `mamba` or `attention`; without experts the shared MLP is all there is.
void layers_of_granite_hybrid(Keys& keys, ModelFacts& model);
// Attention in `attn_layer_indices`, Mamba 2 elsewhere.
void layers_of_bamba(Keys& keys, ModelFacts& model);
// Attention and Mamba 2 side by side in every layer.
void layers_of_falcon_h1(Keys& keys, ModelFacts& model);
// Attention and experts each so many layers, from an offset on; Mamba and MLPs elsewhere.
void layers_of_jamba(Keys& keys, ModelFacts& model);
// Mamba in every layer, and nothing else.
void layers_of_mamba(Keys& keys, ModelFacts& model);
void layers_of_mamba2(Keys& keys, ModelFacts& model);

// Short convolutions but in `full_attn_idxs`, or where `layer_types` says `full_attention` (LFM2).
void layers_of_lfm2(Keys& keys, ModelFacts& model);
void dense_layers_of_lfm2_moe(Keys& keys, ModelFacts& model);  // num_dense_layers
void layers_of_lfm2_moe(Keys& keys, ModelFacts& model);
// `linear_attn_config` lists, from 1, the layers with latent attention and those with Kimi delta attention.
void layers_of_kimi_linear(Keys& keys, ModelFacts& model);
// attn_type_list: 1 is softmax attention, 0 lightning attention.
void layers_of_minimax(Keys& keys, ModelFacts& model);

// Latent attention to what an indexer picks, in every layer (DeepSeek-V3.2, GLM-5).
void sparse_layers(Keys& keys, ModelFacts& model);
// A window and compressed keys, by `compress_ratios` of each layer (DeepSeek-V4).
void compressed_layers(Keys& keys, ModelFacts& model);

}  // namespace blis
