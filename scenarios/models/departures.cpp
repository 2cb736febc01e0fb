#include "scenarios/models/departures.h"

#include <fmt/format.h>

#include <algorithm>

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
  model.moe->dense_prefix_layers = static_cast<int>(keys.integer({"moe_layer_start_index"}, index));
  if (keys.maybe_integer({"moe_layer_end_index"}, {-1, model.layers - 1}).value_or(-1) !=
      (keys.given("moe_layer_end_index") ? model.layers - 1 : -1)) {
    keys.not_modelled("moe_layer_end_index", "`moe_layer_end_index`: dense layers after those with experts",
                      fmt::format("{}, the last layer", model.layers - 1));
  }
  if (keys.maybe_integer({"moe_layer_interval"}, kLayers).value_or(1) != 1) {
    keys.not_modelled("moe_layer_interval", "`moe_layer_interval`: dense layers between those with experts",
                      "1");
  }
}

void shared_experts_of_hunyuan(Keys& keys, ModelFacts& model) {
  const std::int64_t shared = keys.uniform_integer("num_shared_expert", kExperts).value_or(0);
  if (model.moe) model.moe->shared_ffn = shared * keys.integer({"intermediate_size"}, kWidth);
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
