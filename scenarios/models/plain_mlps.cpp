#include "scenarios/models/plain_mlps.h"

#include <algorithm>
#include <array>

#include "scenarios/models/departures.h"

namespace blis {
namespace {

constexpr std::int64_t kUsualWidth = 4;  // times the hidden size

double positions(Keys& keys, const ModelFacts& model, Keys::Names names, std::int64_t absent) {
  return static_cast<double>(keys.integer(names, kPositions, absent)) * static_cast<double>(model.hidden);
}

void read_inner(Keys& keys, ModelFacts& model) {
  model.ffn = keys.maybe_integer({"n_inner"}, kWidth).value_or(kUsualWidth * model.hidden);
  keys.moot("n_ctx");  // n_positions says it
}

// Where a switch is on, or absent and on by default.
void say_parallel(Keys& keys, std::string_view key, ModelFacts& model) {
  if (keys.boolean(key).value_or(true)) model.remarks.emplace_back(kParallelBlocks);
  keys.moot(key);  // beyond the remark
}

}  // namespace

void heads_of_falcon(Keys& keys, ModelFacts& model) {
  const bool newer = keys.boolean("new_decoder_architecture").value_or(false);
  const bool one = keys.boolean("multi_query").value_or(true);
  if (newer) {
    model.kv_heads = static_cast<int>(keys.integer({"num_kv_heads", "n_head_kv"}, kHeads, model.heads));
    model.remarks.emplace_back(kParallelBlocks);
    for (const char* const key : {"multi_query", "parallel_attn"}) keys.moot(key);
  } else {
    model.kv_heads = one ? 1 : model.heads;
    say_parallel(keys, "parallel_attn", model);
    for (const char* const key : {"num_kv_heads", "n_head_kv"}) keys.moot(key);
  }
  model.ffn = keys.maybe_integer({"ffn_hidden_size"}, kWidth).value_or(kUsualWidth * model.hidden);
}

void nested_keys_of_mpt(Keys& keys, ModelFacts& model) {
  model.ffn = keys.integer({"expansion_ratio"}, {1, 100}, kUsualWidth) * model.hidden;
  auto attention = keys.top().required_section("attn_config");
  if (!attention) return;
  const std::string type = attention->maybe_text("attn_type").value_or("multihead_attention");
  if (type == "multiquery_attention") {
    model.kv_heads = 1;
  } else if (type == "grouped_query_attention") {
    model.kv_heads = static_cast<int>(attention->integer("kv_n_heads", kHeads));
  } else if (type != "multihead_attention") {
    keys.not_modelled("attn_config", "`attn_config.attn_type` is no attention that is known",
                      "multihead_attention, multiquery_attention or grouped_query_attention");
  }
  if (!attention->maybe_boolean("alibi").value_or(false)) {
    keys.not_modelled("attn_config", "an MPT with learned positions, which vLLM does not have",
                      "alibi: true in attn_config");
  }
  for (const char* const harmless : {"attn_pdrop", "attn_impl", "qk_ln", "clip_qkv", "softmax_scale",
                                     "attn_uses_sequence_id", "alibi_bias_max"}) {
    if (attention->node(harmless)) keys.findings().moot.push_back(attention->path(harmless));
  }
  for (const char* const harmless : {"no_bias", "learned_pos_emb"}) keys.moot(harmless);
}

void width_of_bloom(Keys&, ModelFacts& model) {
  model.ffn = kUsualWidth * model.hidden;
}

void positions_of_gpt2(Keys& keys, ModelFacts& model) {
  read_inner(keys, model);
  model.position_elements = positions(keys, model, {"n_positions"}, 1024);
}

void one_kv_head_of_bigcode(Keys& keys, ModelFacts& model) {
  positions_of_gpt2(keys, model);
  model.kv_heads = keys.boolean("multi_query").value_or(true) ? 1 : model.heads;
}

void parallel_blocks_of_gptj(Keys& keys, ModelFacts& model) {
  read_inner(keys, model);
  model.remarks.emplace_back(kParallelBlocks);
}

void parallel_blocks_of_neox(Keys& keys, ModelFacts& model) {
  say_parallel(keys, "use_parallel_residual", model);
}

void positions_of_opt(Keys& keys, ModelFacts& model) {
  constexpr double kUnused = 2;  // rows before the first position
  model.ffn = keys.integer({"ffn_dim"}, kWidth, 3072);
  model.position_elements =
      positions(keys, model, {"max_position_embeddings"}, 2048) + kUnused * static_cast<double>(model.hidden);
  if (keys.maybe_integer({"word_embed_proj_dim"}, kWidth).value_or(model.hidden) != model.hidden) {
    keys.not_modelled("word_embed_proj_dim", "embeddings of another width than the layers", "hidden_size");
  }
}

void plain_mlps_of_starcoder2(Keys& keys, ModelFacts&) {
  if (keys.text("mlp_type").value_or("default") != "default") {
    keys.not_modelled("mlp_type", "a starcoder2 with other MLPs than those of two matrices", "default");
  }
}

}  // namespace blis
