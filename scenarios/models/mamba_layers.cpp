#include <fmt/format.h>

#include "scenarios/models/layer_words.h"
#include "scenarios/models/state_layers.h"

namespace blis {
namespace {

constexpr std::string_view kAuto = "auto";

// A size that may be left to the class.
int size_or_auto(Keys& keys, std::string_view key, std::int64_t automatic) {
  const Node* const node = keys.of(key).node(key);
  if (!node || node->kind == Node::Kind::null || node->text == kAuto) return static_cast<int>(automatic);
  return small(keys, key);
}

Half attention_of(const ModelFacts& m) {
  return softmax_attention({m.hidden, m.heads, m.kv_heads, m.head_dim});
}

// Each group of B and C serves as many heads.
Half checked_mamba2(Keys& keys, std::string_view heads, std::string_view groups, const Mamba2& mamba) {
  if (mamba.heads % std::max(1, mamba.groups) != 0) {
    keys.of(groups).problem(groups, {.message = fmt::format("`{}` does not divide `{}`", groups, heads),
                                     .expected = fmt::format("a divisor of {}", mamba.heads)});
  }
  return mamba2(mamba);
}

// The keys that Granite and Falcon-H1 share, but for how many channels there are.
Mamba2 read_mamba2(Keys& keys, const ModelFacts& m, std::int64_t channels) {
  Mamba2 mamba{.hidden = m.hidden,
               .heads = small(keys, "mamba_n_heads"),
               .groups = small(keys, "mamba_n_groups"),
               .state = small(keys, "mamba_d_state"),
               .kernel = small(keys, "mamba_d_conv"),
               .chunk = small(keys, "mamba_chunk_size")};
  mamba.head_dim = size_or_auto(keys, "mamba_d_head", channels / std::max(1, mamba.heads));
  if (std::int64_t{mamba.heads} * mamba.head_dim != channels) {
    keys.of("mamba_n_heads")
        .problem("mamba_n_heads",
                 {.message = "`mamba_n_heads` and `mamba_d_head` contradict the width of Mamba layers",
                  .expected = fmt::format("heads of {} channels together", channels),
                  .got = fmt::format("{} x {}", mamba.heads, mamba.head_dim)});
  }
  return mamba;
}

std::int64_t expanded(Keys& keys, const ModelFacts& m) {
  return small(keys, "mamba_expand") * m.hidden;
}

// A letter for each layer, from either of the keys.
std::string pattern_of_nemotron(Keys& keys, const ModelFacts& m) {
  std::string pattern = keys.text("hybrid_override_pattern").value_or("");
  std::string_view key = "hybrid_override_pattern";
  if (pattern.empty()) {
    key = "layers_block_type";
    for (const std::string& type : keys.of(key).texts(key)) {
      pattern += type == "mamba"       ? 'M'
                 : type == "attention" ? '*'
                 : type == "mlp"       ? '-'
                 : type == "moe"       ? 'E'
                                       : '?';
    }
  }
  if (std::ssize(pattern) != m.layers) {
    keys.of(key).problem(key, {.message = fmt::format("`{}` does not say what each layer is", key),
                               .expected = fmt::format("{} entries, one for each layer", m.layers),
                               .got = fmt::format("{} entries", pattern.size())});
    pattern.resize(static_cast<std::size_t>(m.layers), '-');
  }
  return pattern;
}

Half experts_of_nemotron(Keys& keys, const ModelFacts& m) {
  const int all = static_cast<int>(keys.integer({"n_routed_experts"}, {2, kExperts.high}));
  const std::int64_t shared = keys.maybe_integer({"n_shared_experts"}, {0, 1000}).value_or(0);
  return experts(
      {.hidden = m.hidden,
       .experts = all,
       .experts_per_token = static_cast<int>(keys.integer({"num_experts_per_tok"}, {1, all})),
       .ffn = keys.integer({"moe_intermediate_size"}, kWidth),
       .shared_ffn = shared > 0 ? shared * keys.integer({"moe_shared_expert_intermediate_size"}, kWidth) : 0,
       .gated = false,
       .latent = keys.maybe_integer({"moe_latent_size"}, kWidth).value_or(0)});
}

}  // namespace

void layers_of_nemotron_h(Keys& keys, ModelFacts& m) {
  const Half attention = attention_of(m);
  const Half mamba = checked_mamba2(keys, "mamba_num_heads", "n_groups",
                                    {.hidden = m.hidden,
                                     .heads = small(keys, "mamba_num_heads"),
                                     .head_dim = small(keys, "mamba_head_dim"),
                                     .groups = small(keys, "n_groups"),
                                     .state = small(keys, "ssm_state_size"),
                                     .kernel = small(keys, "conv_kernel"),
                                     .chunk = small(keys, "chunk_size"),
                                     // vLLM's default of this class, whatever the model's dtype.
                                     .state_bytes = state_value_bytes(keys, "mamba_ssm_cache_dtype", 4)});
  if (keys.text("mlp_hidden_act").value_or("relu2") != "relu2") {
    keys.not_modelled("mlp_hidden_act", "MLPs with another activation than relu2", "relu2");
  }
  Half mlp, routed;
  LayerList layers;
  for (const char letter : pattern_of_nemotron(keys, m)) {
    switch (letter) {
      case 'M':
        layers.add(mamba, nullptr);
        break;
      case '*':
        layers.add(attention, nullptr);
        break;
      case '-':
        if (!mlp) mlp = plain_mlp({m.hidden, keys.integer({"intermediate_size"}, kWidth)});
        layers.add(nullptr, mlp);
        break;
      case 'E':
        if (!routed) routed = experts_of_nemotron(keys, m);
        layers.add(nullptr, routed);
        break;
      default:
        keys.not_modelled("hybrid_override_pattern", fmt::format("layers of the kind `{}`", letter),
                          "M, *, - and E");
        return;
    }
  }
  if (!mlp) keys.moot("intermediate_size");
  for (const char* const key : {"expand", "time_step_rank"}) keys.moot(key);  // heads say both
  m.own_layers = layers;
}

void layers_of_granite_hybrid(Keys& keys, ModelFacts& m) {
  const Half mamba =
      checked_mamba2(keys, "mamba_n_heads", "mamba_n_groups", read_mamba2(keys, m, expanded(keys, m)));
  const std::vector<bool> is_full =
      layers_saying(keys, m, "layer_types", "attention", "mamba", [](int) { return false; });
  if (!m.moe) {
    m.ffn = keys.integer({"shared_intermediate_size"}, kWidth);
    keys.moot("intermediate_size");
  }
  m.own_layers = mixed_layers(m, is_full, attention_of(m), mamba);
}

void layers_of_bamba(Keys& keys, ModelFacts& m) {
  const Half mamba =
      checked_mamba2(keys, "mamba_n_heads", "mamba_n_groups", read_mamba2(keys, m, expanded(keys, m)));
  std::vector<bool> is_full(static_cast<std::size_t>(m.layers));
  for (const std::int64_t layer : keys.integers("attn_layer_indices", {0, m.layers - 1})) {
    is_full[static_cast<std::size_t>(layer)] = true;
  }
  m.own_layers = mixed_layers(m, is_full, attention_of(m), mamba);
}

void layers_of_falcon_h1(Keys& keys, ModelFacts& m) {
  const bool given = keys.given("mamba_d_ssm");
  const std::int64_t channels = given ? keys.integer({"mamba_d_ssm"}, kWidth) : expanded(keys, m);
  if (given) keys.moot("mamba_expand");
  const Half both = side_by_side(attention_of(m), checked_mamba2(keys, "mamba_n_heads", "mamba_n_groups",
                                                                 read_mamba2(keys, m, channels)));
  m.own_layers = LayerList{};
  m.own_layers->add(both, gated_mlp({m.hidden, m.ffn}), m.layers);
}

void layers_of_jamba(Keys& keys, ModelFacts& m) {
  constexpr std::int64_t kRankShare = 16;
  const Half full = attention_of(m);
  const Half mamba =
      mamba1({.hidden = m.hidden,
              .channels = expanded(keys, m),
              .state = small(keys, "mamba_d_state"),
              .dt_rank = size_or_auto(keys, "mamba_dt_rank", (m.hidden + kRankShare - 1) / kRankShare),
              .kernel = small(keys, "mamba_d_conv"),
              .inner_norms = true});
  // transformers refuses an offset that no layer has.
  const auto offset = [&](const char* key, std::int64_t period) {
    return keys.integer({key}, {0, period - 1});
  };
  const std::int64_t every = small(keys, "attn_layer_period"), first = offset("attn_layer_offset", every);
  const std::int64_t every_routed = small(keys, "expert_layer_period"),
                     first_routed = offset("expert_layer_offset", every_routed);
  const Channels channels(m);
  LayerList layers;
  for (int i = 0; i < m.layers; ++i) {
    layers.add(i % every == first ? full : mamba, channels.of(i % every_routed == first_routed));
  }
  m.own_layers = layers;
}

void layers_of_mamba(Keys& keys, ModelFacts& m) {
  constexpr std::int64_t kRankShare = 16;
  std::int64_t channels = keys.maybe_integer({"intermediate_size", "d_inner"}, kWidth).value_or(0);
  if (channels == 0) {
    channels = small(keys, "expand") * m.hidden;
  } else {
    keys.moot("expand");
  }
  const Half mamba =
      mamba1({.hidden = m.hidden,
              .channels = channels,
              .state = small(keys, "state_size"),
              .dt_rank = size_or_auto(keys, "time_step_rank", (m.hidden + kRankShare - 1) / kRankShare),
              .kernel = small(keys, "conv_kernel")});
  m.own_layers = LayerList{};
  m.own_layers->add(mamba, nullptr, m.layers);
}

void layers_of_mamba2(Keys& keys, ModelFacts& m) {
  const std::int64_t channels = small(keys, "expand") * m.hidden;
  Mamba2 mamba{.hidden = m.hidden,
               .heads = small(keys, "num_heads"),
               .head_dim = small(keys, "head_dim"),
               .groups = small(keys, "n_groups"),
               .state = small(keys, "state_size"),
               .kernel = small(keys, "conv_kernel"),
               .chunk = small(keys, "chunk_size")};
  if (std::int64_t{mamba.heads} * mamba.head_dim != channels) {
    keys.of("num_heads")
        .problem("num_heads", {.message = "`num_heads` and `head_dim` contradict the width of Mamba layers",
                               .expected = fmt::format("heads of {} channels together", channels),
                               .got = fmt::format("{} x {}", mamba.heads, mamba.head_dim)});
  }
  for (const char* const key : {"intermediate_size", "time_step_rank"}) keys.moot(key);  // heads say both
  m.own_layers = LayerList{};
  m.own_layers->add(checked_mamba2(keys, "num_heads", "n_groups", mamba), nullptr, m.layers);
}

}  // namespace blis
