// What single families of models do otherwise than the keys that all share say.
#pragma once

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"

namespace blis {

constexpr std::string_view kParallelBlocks =
    "attention and MLP of a layer run side by side; they are priced one after the other, with a norm and an "
    "all-reduce too many";

// multi_query_group_num counts only with multi_query_attention; kv_channels is the head size.
void multi_query_of_chatglm(Keys& keys, ModelFacts& model);
// use_parallel_residual puts attention and MLP side by side.
void parallel_residual_of_stablelm(Keys& keys, ModelFacts& model);
// A learned logit beside the keys of each head; windows in each second layer, from the first.
void sinks_of_gpt_oss(Keys& keys, ModelFacts& model);
// attn_type_list: 1 is softmax attention, which is all that this family has left.
void softmax_layers_of_minimax(Keys& keys, ModelFacts& model);
// moe_layer_start_index, moe_layer_end_index, moe_layer_interval.
void dense_layers_of_ernie(Keys& keys, ModelFacts& model);
// is_moe_layer or mlp_layer_types list the layers with experts; otherwise first_k_dense_replace counts the
// others.
void dense_layers_of_exaone_moe(Keys& keys, ModelFacts& model);
// num_shared_expert experts as wide as a dense layer.
void shared_experts_of_hunyuan(Keys& keys, ModelFacts& model);
// use_residual puts an MLP as wide as the model beside the experts; moe_layer_frequency.
void dense_residual_of_arctic(Keys& keys, ModelFacts& model);
// Heads and experts lie in attn_config and ffn_config.
void nested_keys_of_dbrx(Keys& keys, ModelFacts& model);

}  // namespace blis
