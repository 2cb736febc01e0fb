// What families whose MLPs have two matrices do otherwise than the keys that all share say. Sources: the
// config classes of Hugging Face transformers and vLLM's model classes.
#pragma once

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"

namespace blis {

// One KV head with multi_query, unless new_decoder_architecture has num_kv_heads of them.
void heads_of_falcon(Keys& keys, ModelFacts& model);
// Heads in attn_config; expansion_ratio times the hidden size.
void nested_keys_of_mpt(Keys& keys, ModelFacts& model);
void width_of_bloom(Keys& keys, ModelFacts& model);
// n_inner, and learned positions.
void positions_of_gpt2(Keys& keys, ModelFacts& model);
// The same with one KV head, if multi_query.
void one_kv_head_of_bigcode(Keys& keys, ModelFacts& model);
// The same without learned positions; attention and MLP side by side.
void parallel_blocks_of_gptj(Keys& keys, ModelFacts& model);
void parallel_blocks_of_neox(Keys& keys, ModelFacts& model);
// ffn_dim, and two positions more than are used.
void positions_of_opt(Keys& keys, ModelFacts& model);
// mlp_type may ask for gated MLPs.
void plain_mlps_of_starcoder2(Keys& keys, ModelFacts& model);

}  // namespace blis
