#include <fmt/format.h>

#include <algorithm>

#include "scenarios/models/layer_words.h"
#include "scenarios/models/state_layers.h"

namespace blis {

namespace {

// Each `full_attention_interval`-th layer sees everything, or those that `layer_types` says.
void mix_with_delta_nets(Keys& keys, ModelFacts& m, const Half& full) {
  const Half delta = gated_delta_net({.hidden = m.hidden,
                                      .key_heads = small(keys, "linear_num_key_heads"),
                                      .key_dim = small(keys, "linear_key_head_dim"),
                                      .value_heads = small(keys, "linear_num_value_heads"),
                                      .value_dim = small(keys, "linear_value_head_dim"),
                                      .kernel = small(keys, "linear_conv_kernel_dim"),
                                      .state_bytes = state_value_bytes(keys, "mamba_ssm_dtype", 2)});
  const int every = small(keys, "full_attention_interval", 4);
  if (keys.given("layer_types")) keys.moot("full_attention_interval");
  const std::vector<bool> is_full = layers_saying(keys, m, "layer_types", kFull, "linear_attention",
                                                  [&](int layer) { return (layer + 1) % every == 0; });
  m.own_layers = mixed_layers(m, is_full, full, delta);
}

}  // namespace

void layers_of_qwen3_next(Keys& keys, ModelFacts& m) {
  mix_with_delta_nets(keys, m,
                      softmax_attention({.hidden = m.hidden,
                                         .heads = m.heads,
                                         .kv_heads = m.kv_heads,
                                         .head_dim = m.head_dim,
                                         .output_gate = keys.boolean("attn_output_gate").value_or(true)}));
}

void layers_of_olmo_hybrid(Keys& keys, ModelFacts& m) {
  if (!keys.boolean("linear_use_gate").value_or(true)) {
    keys.not_modelled("linear_use_gate", "delta nets without a gate on their output", "true");
  }
  mix_with_delta_nets(keys, m, softmax_attention({m.hidden, m.heads, m.kv_heads, m.head_dim}));
}

void layers_of_kimi_linear(Keys& keys, ModelFacts& m) {
  auto linear = keys.of("linear_attn_config").required_section("linear_attn_config");
  if (!linear || !m.mla) return;
  const Range<double> layer{.low = 1, .high = static_cast<double>(m.layers)};
  const std::vector<double> full = linear->numbers("full_attn_layers", layer);
  const std::vector<double> delta = linear->numbers("kda_layers", layer);
  std::vector<bool> is_full(static_cast<std::size_t>(m.layers));
  for (int i = 0; i < m.layers; ++i) {
    const bool in_full = std::ranges::count(full, i + 1) > 0, in_delta = std::ranges::count(delta, i + 1) > 0;
    is_full[static_cast<std::size_t>(i)] = in_full;
    if (in_full != in_delta) continue;
    linear->problem("kda_layers",
                    {.message = "`full_attn_layers` and `kda_layers` contradict each other",
                     .expected = "each layer, from 1, in one of the two",
                     .got = fmt::format("layer {} in {}", i + 1, in_full ? "both" : "neither")});
    return;
  }
  const MlaConfig& a = *m.mla;
  const Half attention =
      latent_attention({m.hidden, m.heads, m.kv_heads, m.head_dim, a.q_lora_rank, a.kv_lora_rank,
                        a.qk_nope_head_dim, a.qk_rope_head_dim, a.v_head_dim});
  const auto size = [&](const char* key) { return static_cast<int>(linear->integer(key, kSmall)); };
  const Half kda = kimi_delta({.hidden = m.hidden,
                               .heads = size("num_heads"),
                               .head_dim = size("head_dim"),
                               .kernel = size("short_conv_kernel_size")});
  m.own_layers = mixed_layers(m, is_full, attention, kda);
}

void layers_of_minimax(Keys& keys, ModelFacts& m) {
  const std::vector<std::int64_t> kinds = keys.integers("attn_type_list", {0, 1});
  if (std::ssize(kinds) != m.layers) {
    keys.of("attn_type_list")
        .problem("attn_type_list", {.message = "`attn_type_list` is no list of one entry for each layer",
                                    .expected = fmt::format("{} entries", m.layers),
                                    .got = fmt::format("{} entries", kinds.size())});
    return;
  }
  const std::vector<bool> is_full(kinds.begin(), kinds.end());
  const Half full = softmax_attention({m.hidden, m.heads, m.kv_heads, m.head_dim});
  m.own_layers = mixed_layers(m, is_full, full,
                              lightning({.hidden = m.hidden, .heads = m.heads, .head_dim = m.head_dim}));
}

}  // namespace blis
