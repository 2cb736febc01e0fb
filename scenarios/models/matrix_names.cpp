// Names as in the checkpoints of Hugging Face; what is fused is so in vLLM's model classes of 2026-08-20
// (packed_modules_mapping).
#include "scenarios/models/matrix_names.h"

#include <algorithm>
#include <array>

namespace blis {
namespace {

// Blanks separate matrices, bars spellings.
struct Row {
  std::string_view kinds;  // that have the operation
  std::string_view operation;
  std::string_view parents;  // empty: the layer itself
  std::string_view matrices;
};

constexpr std::string_view kSoftmax = "full sliding chunked side_by_side";
constexpr std::string_view kAttention = "self_attn|attn|attention|self_attention|mixer";
constexpr std::string_view kMlp = "mlp|feed_forward|mixer|ffn|block_sparse_moe";
constexpr std::string_view kMoe = "mlp|block_sparse_moe|feed_forward|mixer|ffn|moe";

constexpr std::array kRows{
    Row{kSoftmax, "qkv", kAttention,
        "q_proj|qkv_proj|query_key_value|Wqkv|c_attn|W_pack|wqkv k_proj|qkv_proj|query_key_value|Wqkv|c_attn|"
        "W_pack|wqkv v_proj|qkv_proj|query_key_value|Wqkv|c_attn|W_pack|wqkv"},
    Row{kSoftmax, "attention_out", kAttention, "o_proj|out_proj|dense|c_proj|wo"},
    Row{kSoftmax, "head_gate", "self_attn", "g_proj"},
    Row{"latent dsa", "qkv_down", "self_attn",
        "q_a_proj|fused_qkv_a_proj kv_a_proj_with_mqa|fused_qkv_a_proj"},
    Row{"latent dsa", "q_up", "self_attn", "q_b_proj"},
    Row{"latent dsa", "q", "self_attn", "q_proj"},
    Row{"latent dsa", "kv_down", "self_attn", "kv_a_proj_with_mqa"},
    Row{"latent dsa", "kv_up", "self_attn", "kv_b_proj"},
    Row{"latent dsa", "attention_out", "self_attn", "o_proj"},
    Row{"dsa", "index_q", "self_attn.indexer", "wq_b"},
    Row{"dsa", "index_k", "self_attn.indexer", "wk"},
    Row{"dsv4", "qkv_down", "attn|self_attn", "wq_a|fused_wqa_wkv wkv|fused_wqa_wkv"},
    Row{"dsv4", "q_up", "attn|self_attn", "wq_b"},
    Row{"dsv4", "group_out", "attn|self_attn", "wo_a"},
    Row{"dsv4", "attention_out", "attn|self_attn", "wo_b"},
    Row{"dsv4", "index_q", "attn.indexer|self_attn.indexer", "wq_b"},
    Row{"gdn", "qkvz", "linear_attn", "in_proj_qkvz|in_proj_qkv in_proj_qkvz|in_proj_z"},
    Row{"gdn", "decay_and_rate", "linear_attn", "in_proj_ba|in_proj_b in_proj_ba|in_proj_a"},
    Row{"gdn", "delta_out", "linear_attn", "out_proj"},
    Row{"kda", "qkv", "self_attn", "q_proj k_proj v_proj"},
    Row{"kda", "gates_down", "self_attn", "f_a_proj g_a_proj"},
    Row{"kda", "decay_up", "self_attn", "f_b_proj"},
    Row{"kda", "gate_up", "self_attn", "g_b_proj"},
    Row{"kda", "rate", "self_attn", "b_proj"},
    Row{"kda", "delta_out", "self_attn", "o_proj"},
    Row{"lightning", "qkv", "self_attn|attention", "qkv_proj|query_key_value"},
    Row{"lightning", "gate", "self_attn|attention", "output_gate|g_proj"},
    Row{"lightning", "lightning_out", "self_attn|attention", "out_proj|dense"},
    Row{"mamba1 mamba2 side_by_side", "mamba_in", "mixer|mamba", "in_proj"},
    Row{"mamba1 mamba2 side_by_side", "mamba_out", "mixer|mamba", "out_proj"},
    Row{"mamba1", "dt_b_c", "mixer|mamba", "x_proj"},
    Row{"mamba1", "dt", "mixer|mamba", "dt_proj"},
    Row{"short_conv", "conv_in", "conv", "in_proj"},
    Row{"short_conv", "conv_out", "conv", "out_proj"},
    Row{"gated_mlp", "gate_up", kMlp, "gate_proj|gate_up_proj|w1 up_proj|gate_up_proj|w3"},
    Row{"gated_mlp", "down", kMlp, "down_proj|w2"},
    Row{"gated_mlp experts", "input_gate", "", "per_layer_input_gate"},
    Row{"gated_mlp experts", "input_projection", "", "per_layer_projection"},
    Row{"plain_mlp", "up", kMlp, "up_proj|c_fc|fc1|fc_in|dense_h_to_4h"},
    Row{"plain_mlp", "down", kMlp, "down_proj|c_proj|fc2|fc_out|dense_4h_to_h"},
    Row{"experts", "experts", kMoe,
        "experts.0.gate_proj|experts.gate_up_proj|experts.0.w1|experts.0.up_proj "
        "experts.0.up_proj|experts.gate_up_proj|experts.0.w3|experts.0.w1 "
        "experts.0.down_proj|experts.down_proj|experts.0.w2"},
    Row{"experts", "experts_beside", "experts|moe.experts",
        "0.gate_proj|gate_up_proj|0.w1 0.up_proj|gate_up_proj|0.w3 0.down_proj|down_proj|0.w2"},
    Row{"experts", "beside_gate_up", "mlp", "gate_proj|gate_up_proj up_proj|gate_up_proj"},
    Row{"experts", "beside_down", "mlp", "down_proj"},
    Row{"experts", "shared_gate_up", kMoe,
        "shared_experts.gate_proj|shared_expert.gate_proj|shared_mlp.gate_proj|shared_experts.gate_up_proj "
        "shared_experts.up_proj|shared_expert.up_proj|shared_mlp.up_proj|shared_experts.gate_up_proj"},
    Row{"experts", "shared_up", kMoe, "shared_experts.up_proj|shared_expert.up_proj"},
    Row{"experts", "shared_down", kMoe,
        "shared_experts.down_proj|shared_expert.down_proj|shared_mlp.down_proj"},
    Row{"experts", "latent_down", kMoe, "fc1_latent_proj"},
    Row{"experts", "latent_up", kMoe, "fc2_latent_proj"},
};

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

FusedMatrices matrix_names(std::string_view kind, std::string_view operation) {
  const auto is_it = [&](const Row& row) {
    return row.operation == operation && std::ranges::count(split(row.kinds, ' '), kind) > 0;
  };
  const auto row = std::ranges::find_if(kRows, is_it);
  FusedMatrices fused;
  if (row == kRows.end()) return fused;
  for (const std::string_view matrix : split(row->matrices, ' ')) {
    std::vector<std::string>& names = fused.emplace_back();
    if (row->parents.empty()) names.emplace_back(matrix);
    for (const std::string_view parent : split(row->parents, '|')) {
      for (const std::string_view name : split(matrix, '|')) {
        names.push_back(std::string(parent) + "." + std::string(name));
      }
    }
  }
  return fused;
}

const std::vector<std::string_view>& layer_stems() {
  static const std::vector<std::string_view> stems{"model.layers",
                                                   "language_model.model.layers",
                                                   "model.language_model.layers",
                                                   "backbone.layers",
                                                   "language_model.layers",
                                                   "transformer.h",
                                                   "model.decoder.layers",
                                                   "gpt_neox.layers",
                                                   "transformer.layers",
                                                   "transformer.blocks",
                                                   "transformer.encoder.layers",
                                                   "layers"};
  return stems;
}

}  // namespace blis
