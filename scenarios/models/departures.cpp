#include "scenarios/models/departures.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/models/layer_words.h"

namespace blis {

void multi_query_of_chatglm(Keys& keys, ModelFacts& model) {
  if (keys.boolean("multi_query_attention").value_or(false)) {
    model.kv_heads = static_cast<int>(keys.integer({"multi_query_group_num"}, kHeads));
  } else {
    keys.moot("multi_query_group_num");
    model.kv_heads = model.heads;
  }
}

void parallel_residual_of_stablelm(Keys& keys, ModelFacts& model) {
  if (keys.boolean("use_parallel_residual").value_or(false)) model.remarks.emplace_back(kParallelBlocks);
  keys.moot("use_parallel_residual");  // beyond the remark
}

void sinks_of_gpt_oss(Keys& keys, ModelFacts& model) {
  model.attention_sinks = true;
  // vllm/model_executor/models/gpt_oss.py goes by the layer's number alone.
  const std::vector<bool> is_full =
      layers_saying(keys, model, "layer_types", kFull, kSliding, [](int i) { return i % 2 != 0; });
  for (int i = 0; i < model.layers; ++i) {
    if (is_full[static_cast<std::size_t>(i)] == (i % 2 != 0)) continue;
    keys.not_modelled("layer_types", "windows in other layers than each second one, which vLLM does not have",
                      "sliding_attention, full_attention, ...");
    return;
  }
}

void softmax_layers_of_minimax(Keys& keys, ModelFacts& model) {
  const Node* const kinds = keys.of("attn_type_list").node("attn_type_list");
  if (!kinds || kinds->kind == Node::Kind::null) return;
  if (kinds->kind != Node::Kind::list || std::ssize(kinds->children) != model.layers) {
    keys.of("attn_type_list")
        .problem("attn_type_list", {.message = "`attn_type_list` is no list of one entry for each layer",
                                    .expected = fmt::format("{} entries", model.layers)});
  } else if (std::ranges::any_of(kinds->children, [](const Node& kind) { return kind.text != "1"; })) {
    keys.not_modelled("attn_type_list", "`attn_type_list` has layers that are no softmax attention",
                      "1 for each layer");
  }
}

void dense_layers_of_ernie(Keys& keys, ModelFacts& model) {
  if (!model.moe) return;
  const Range<std::int64_t> index{0, model.layers - 1};
  const std::int64_t first = keys.integer({"moe_layer_start_index"}, index);
  std::int64_t last = keys.maybe_integer({"moe_layer_end_index"}, {-1, index.high}).value_or(-1);
  if (last < 0) last = index.high;
  const std::int64_t every = keys.maybe_integer({"moe_layer_interval"}, kLayers).value_or(1);
  for (int i = 0; i < model.layers; ++i) {
    if (i < first || i > last || (i + 1) % every != 0) model.moe->dense.push_back(i);
  }
}

void dense_layers_of_exaone_moe(Keys& keys, ModelFacts& model) {
  constexpr std::string_view kList = "is_moe_layer";
  if (!model.moe) return;
  const Node* const listed = keys.of(kList).node(kList);
  const bool lists = listed != nullptr && listed->kind != Node::Kind::null;
  if (lists && std::ssize(listed->children) != model.layers) {
    not_one_per_layer(keys.of(kList), kList, model.layers, listed->children.size());
    return;
  }
  const bool counts = !lists && !keys.given("mlp_layer_types");
  const std::int64_t dense = counts ? keys.integer({"first_k_dense_replace"}, {0, model.layers}) : 0;
  const std::vector<bool> routed =
      layers_saying(keys, model, "mlp_layer_types", "sparse", "dense", [&](int i) {
        return lists ? listed->children[static_cast<std::size_t>(i)].text == "true" : i >= dense;
      });
  for (int i = 0; i < model.layers; ++i) {
    if (!routed[static_cast<std::size_t>(i)]) model.moe->dense.push_back(i);
  }
  keys.moot("first_last_k_dense_replace");
}

void shared_experts_of_hunyuan(Keys& keys, ModelFacts& model) {
  constexpr std::string_view kKey = "num_shared_expert";
  if (!keys.has(kKey)) keys.integer({kKey}, kExperts);  // records that it is missing
  const std::int64_t shared = keys.uniform_integer(kKey, kExperts).value_or(0);
  if (model.moe) model.moe->shared_ffn = shared * keys.integer({"intermediate_size"}, kWidth);
}

void dense_residual_of_arctic(Keys& keys, ModelFacts& model) {
  if (!model.moe) return;
  // Counted and priced as a shared expert, which it is but for its norm.
  if (keys.boolean("use_residual").value_or(true)) model.moe->shared_ffn = model.hidden;
  model.moe->every = static_cast<int>(keys.integer({"moe_layer_frequency"}, {1, model.layers}, 2));
  keys.moot("parallel_attn_mlp_res");
}

void nested_keys_of_dbrx(Keys& keys, ModelFacts& model) {
  if (auto attention = keys.top().required_section("attn_config")) {
    model.kv_heads = static_cast<int>(attention->integer("kv_n_heads", kHeads));
  }
  if (auto experts = keys.top().required_section("ffn_config")) {
    model.moe =
        MoeConfig{.experts = static_cast<int>(experts->integer("moe_num_experts", {2, kExperts.high})),
                  .ffn = experts->integer("ffn_hidden_size", kWidth)};
    model.moe->experts_per_token = static_cast<int>(experts->integer("moe_top_k", {1, model.moe->experts}));
    model.ffn = model.moe->ffn;
    auto activation = experts->section("ffn_act_fn");
    if (activation && activation->text("name") != "silu") {
      keys.not_modelled("ffn_config", "MLPs with another activation than silu", "silu");
    }
  }
}

}  // namespace blis
