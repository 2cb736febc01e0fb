#include <fmt/format.h>

#include <algorithm>

#include "scenarios/models/parts.h"

namespace blis {
namespace {

int dense_prefix_of_list(Keys& keys) {
  const Node* const dense = keys.of("mlp_only_layers").node("mlp_only_layers");
  if (!dense) return 0;
  for (std::size_t i = 0; i < dense->children.size(); ++i) {
    if (dense->children[i].text == std::to_string(i)) continue;
    keys.not_modelled("mlp_only_layers", "`mlp_only_layers` has dense layers that are not the first ones",
                      "0, 1, ... in order, or an empty list");
    return 0;
  }
  return static_cast<int>(dense->children.size());
}

void read_dense_layers(Keys& keys, const ExpertLayout& layout, const ModelFacts& model, MoeConfig& moe) {
  const Range<std::int64_t> layers{1, model.layers};
  switch (layout.dense) {
    case DenseLayers::none:
      return;
    case DenseLayers::prefix:
      moe.dense_prefix_layers = static_cast<int>(keys.integer({"first_k_dense_replace"}, {0, model.layers}));
      if (keys.uniform_integer("moe_layer_freq", {0, model.layers}).value_or(1) != 1) {
        keys.not_modelled("moe_layer_freq", "`moe_layer_freq`: dense layers between those with experts", "1");
      }
      return;
    case DenseLayers::step:
      moe.every = static_cast<int>(keys.integer({"decoder_sparse_step"}, layers, 1));
      moe.dense_prefix_layers = dense_prefix_of_list(keys);
      return;
    case DenseLayers::interleaved:
      moe.every = static_cast<int>(keys.integer({"interleave_moe_layer_step"}, layers, 1));
  }
}

std::int64_t read_shared_width(Keys& keys, SharedExperts shared, std::int64_t routed) {
  switch (shared) {
    case SharedExperts::none:
      return 0;
    case SharedExperts::counted:
      return routed * keys.maybe_integer({"n_shared_experts", "num_shared_experts", "moe_num_shared_experts"},
                                         {0, 1000})
                          .value_or(0);
    case SharedExperts::width_given:
      return keys.integer({"shared_expert_intermediate_size", "shared_intermediate_size"}, {0, kWidth.high});
    case SharedExperts::like_routed:
      return routed;
  }
  return 0;
}

}  // namespace

std::optional<MoeConfig> read_experts(Keys& keys, const Family& family, const ModelFacts& model) {
  if (!family.experts) return std::nullopt;
  const std::int64_t experts =
      keys.integer({"num_experts", "moe_num_experts", "n_routed_experts", "num_local_experts"}, kExperts);
  if (experts <= 1) {
    keys.not_modelled("num_experts", "a mixture of experts with less than two of them", "2 or more");
    return std::nullopt;
  }
  MoeConfig moe{.experts = static_cast<int>(experts)};
  const Range<std::int64_t> some{1, experts};
  const auto listed = keys.uniform_integer("moe_topk", some);
  moe.experts_per_token =
      static_cast<int>(listed ? *listed
                              : keys.integer({"num_experts_per_tok", "num_experts_per_token",
                                              "experts_per_token", "top_k_experts", "moe_top_k", "moe_k"},
                                             some));
  const std::string_view width = family.experts->width;
  moe.ffn = keys.uniform_integer(width, kWidth).value_or(0);
  if (moe.ffn == 0) moe.ffn = keys.integer({width}, kWidth);
  moe.shared_ffn = read_shared_width(keys, family.experts->shared, moe.ffn);
  read_dense_layers(keys, *family.experts, model, moe);
  return moe;
}

}  // namespace blis
