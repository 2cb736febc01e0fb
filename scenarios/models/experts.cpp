#include <fmt/format.h>

#include <algorithm>

#include "scenarios/models/parts.h"

namespace blis {
namespace {

// mlp_only_layers: their numbers.
std::vector<int> listed_dense_layers(Keys& keys, const ModelFacts& model) {
  constexpr std::string_view kKey = "mlp_only_layers";
  if (!keys.given(kKey)) return {};
  const std::vector<std::int64_t> listed = keys.integers(kKey, {0, model.layers - 1});
  return layers_where(model, [&](int i) { return std::ranges::find(listed, i) != listed.end(); });
}

bool is_list(Keys& keys, std::string_view key) {
  const Node* const node = keys.of(key).node(key);
  return node && node->kind == Node::Kind::list;
}

// moe_layer_freq: each so-many-th layer has experts, or a list of one entry for each layer, 0 for a dense
// one.
std::vector<int> dense_layers_between(Keys& keys, const ModelFacts& model) {
  constexpr std::string_view kKey = "moe_layer_freq";
  Section& section = keys.of(kKey);
  const Node* const node = section.node(kKey);
  if (!node || node->kind != Node::Kind::list) {
    const std::int64_t every = keys.integer({kKey}, {1, kLayers.high}, 1);
    return layers_where(model, [&](int i) { return i % every != 0; });
  }
  const std::vector<std::int64_t> routed = keys.integers(kKey, {0, 1});
  if (std::ssize(node->children) != model.layers) {
    not_one_per_layer(section, kKey, model.layers, node->children.size());
    return {};
  }
  if (routed.empty()) return {};
  return layers_where(model, [&](int i) { return routed[static_cast<std::size_t>(i)] == 0; });
}

// moe_layers, which may list the same layers once more: vLLM reads the step alone.
void check_listed_experts(Keys& keys, const ModelFacts& model, int every) {
  constexpr std::string_view kKey = "moe_layers";
  if (!keys.given(kKey)) return;
  std::vector<std::int64_t> expected;
  for (int i = every - 1; i < model.layers; i += every) expected.push_back(i);
  if (keys.integers(kKey, {0, model.layers - 1}) == expected) return;
  keys.of(kKey).problem(kKey,
                        {.message = "`moe_layers` and `interleave_moe_layer_step` contradict each other",
                         .expected = fmt::format("{}, {}, ...", every - 1, 2 * every - 1),
                         .hint = "vLLM reads interleave_moe_layer_step"});
}

void read_dense_layers(Keys& keys, const ExpertLayout& layout, const ModelFacts& model, MoeConfig& moe) {
  const Range<std::int64_t> layers{1, model.layers};
  switch (layout.dense) {
    case DenseLayers::none:
      return;
    case DenseLayers::prefix:
      moe.dense = dense_layers_between(keys, model);
      // A list says it all.
      moe.dense_prefix_layers = static_cast<int>(
          keys.integer({"first_k_dense_replace"}, {0, model.layers},
                       is_list(keys, "moe_layer_freq") ? std::optional<std::int64_t>(0) : std::nullopt));
      return;
    case DenseLayers::step:
      moe.every = static_cast<int>(keys.integer({"decoder_sparse_step"}, layers, 1));
      moe.dense = listed_dense_layers(keys, model);
      return;
    case DenseLayers::interleaved:
      moe.every = static_cast<int>(keys.integer({"interleave_moe_layer_step"}, layers, 1));
      check_listed_experts(keys, model, moe.every);
  }
}

std::int64_t count_shared_experts(Keys& keys, bool may_be_absent) {
  const bool is_null = may_be_absent || keys.has("n_shared_experts") || keys.has("num_shared_experts") ||
                       keys.has("moe_num_shared_experts");  // which is none
  return keys.integer({"n_shared_experts", "num_shared_experts", "moe_num_shared_experts"}, {0, 1000},
                      is_null ? std::optional<std::int64_t>(0) : std::nullopt);
}

std::int64_t read_shared_width(Keys& keys, const Family& family, std::int64_t routed) {
  const ExpertLayout& layout = *family.experts;
  switch (layout.shared) {
    case SharedExperts::none:
      return 0;
    case SharedExperts::counted:
      if (!layout.shared_width.empty())
        routed = keys.maybe_integer({layout.shared_width}, kWidth).value_or(routed);
      return routed * count_shared_experts(keys, family.guessed);
    case SharedExperts::width_given:
      return keys.integer({"shared_expert_intermediate_size", "shared_intermediate_size", "share_expert_dim"},
                          {0, kWidth.high});
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
  if (experts < family.experts->dense_below) {
    for (const char* const key : {"num_experts_per_tok", "output_router_logits"}) keys.moot(key);
    return std::nullopt;
  }
  if (experts <= 1) {
    keys.not_modelled(keys.given("num_local_experts") ? "num_local_experts" : "num_experts",
                      "a mixture of experts with less than two of them", "2 or more");
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
  moe.shared_ffn = read_shared_width(keys, family, moe.ffn);
  read_dense_layers(keys, *family.experts, model, moe);
  return moe;
}

}  // namespace blis
