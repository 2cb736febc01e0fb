#include <algorithm>

#include "scenarios/models/layer_words.h"
#include "scenarios/models/state_layers.h"

namespace blis {
namespace {

// Source: Lfm2MLP of transformers.
std::int64_t width_of_lfm2(Keys& keys) {
  std::int64_t width = keys.integer({"block_ff_dim", "intermediate_size"}, kWidth);
  if (!keys.boolean("block_auto_adjust_ff_dim").value_or(true)) {
    for (const char* const key : {"block_ffn_dim_multiplier", "block_multiple_of"}) keys.moot(key);
    return width;
  }
  width = 2 * width / 3;
  Section& section = keys.of("block_ffn_dim_multiplier");
  const double multiplier = section.maybe_number("block_ffn_dim_multiplier", kPositive).value_or(1);
  width = static_cast<std::int64_t>(multiplier * static_cast<double>(width));
  const std::int64_t multiple = small(keys, "block_multiple_of", 256);
  return (width + multiple - 1) / multiple * multiple;
}

void add_lfm2_layers(Keys& keys, ModelFacts& m) {
  if (const auto tied = keys.boolean("tie_embedding")) {  // its class overrules the usual key by its own
    m.tie_word_embeddings = *tied;
    keys.moot("tie_word_embeddings");
  }
  const std::vector<std::int64_t> listed = keys.integers("full_attn_idxs", {0, m.layers - 1});
  if (keys.given("layer_types")) keys.moot("full_attn_idxs");
  const std::vector<bool> is_full = layers_saying(keys, m, "layer_types", kFull, "conv", [&](int layer) {
    return listed.empty() || std::ranges::count(listed, layer) > 0;
  });
  const Half full = softmax_attention({m.hidden, m.heads, m.kv_heads, m.head_dim});
  const Half conv = short_conv({.hidden = m.hidden,
                                .channels = keys.integer({"conv_dim"}, kWidth, m.hidden),
                                .kernel = small(keys, "conv_L_cache", 3)});
  m.own_layers = mixed_layers(m, is_full, full, conv);
}

}  // namespace

void layers_of_lfm2(Keys& keys, ModelFacts& m) {
  m.ffn = width_of_lfm2(keys);
  add_lfm2_layers(keys, m);
}

void dense_layers_of_lfm2_moe(Keys& keys, ModelFacts& m) {
  if (m.moe) m.moe->dense_prefix_layers = static_cast<int>(keys.integer({"num_dense_layers"}, {0, m.layers}));
}

void layers_of_lfm2_moe(Keys& keys, ModelFacts& m) {
  add_lfm2_layers(keys, m);
}

}  // namespace blis
