// Sources: the config classes of Hugging Face transformers, and vllm/model_executor/models/gemma3n.py,
// gemma4.py.
#include "scenarios/models/gemma_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "scenarios/models/layer_words.h"

namespace blis {
namespace {

// A mixer for layers with a cache of their own, and one for those that read an earlier layer's.
struct Mixers {
  explicit Mixers(SoftmaxAttention attention) : owns(softmax_attention(attention)) {
    attention.shares_cache = true;
    shares = softmax_attention(attention);
  }
  const Half& of(bool sharing) const { return sharing ? shares : owns; }
  Half owns, shares;
};

// The first of the layers, to the last, that read earlier layers' caches; the number of layers if none does.
int first_sharing_layer(Keys& keys, const ModelFacts& m, const std::vector<bool>& is_full,
                        std::int64_t absent) {
  constexpr std::string_view kKey = "num_kv_shared_layers";
  const auto first = m.layers - static_cast<int>(keys.integer({kKey}, {0, m.layers - 1}, absent));
  const auto begin = is_full.begin();
  for (int layer = first; layer < m.layers; ++layer) {
    if (std::find(begin, begin + first, is_full[static_cast<std::size_t>(layer)]) != begin + first) continue;
    keys.of(kKey).problem(kKey, {.message = "`num_kv_shared_layers` leaves a layer without one to share with",
                                 .expected = "an earlier layer of each kind with a cache of its own",
                                 .got = std::to_string(m.layers - first)});
    break;
  }
  return first;
}

// The table of inputs of each layer, and what is computed of it; null if they have none.
std::optional<LayerInputs> read_layer_inputs(Keys& keys, ModelFacts& m, std::optional<std::int64_t> absent,
                                             bool quantized) {
  const std::int64_t width = keys.integer({"hidden_size_per_layer_input"}, {0, kWidth.high}, absent);
  if (width == 0) {
    keys.moot("vocab_size_per_layer_input");
    return std::nullopt;
  }
  constexpr std::int64_t kTokens = 262'144;  // of both classes
  const LayerInputs inputs{m.hidden, width, m.layers, quantized};
  m.beside.table_elements =
      static_cast<double>(keys.integer({"vocab_size_per_layer_input"}, kWidth, kTokens)) *
      static_cast<double>(width * m.layers);
  m.beside.before = layer_inputs(inputs);
  return inputs;
}

// Experts, and the MLP that every token passes through beside them; or the MLP alone.
Half channel_of_gemma4(Keys& keys, const ModelFacts& m, std::int64_t ffn) {
  const bool routed = keys.boolean("enable_moe_block").value_or(false);
  if (!routed) {
    for (const char* const key :
         {"num_experts", "top_k_experts", "moe_intermediate_size", "expert_intermediate_size"})
      keys.moot(key);
    return gated_mlp({m.hidden, ffn});
  }
  const std::int64_t count = keys.integer({"num_experts"}, {2, kExperts.high});
  return experts({.hidden = m.hidden,
                  .experts = static_cast<int>(count),
                  .experts_per_token = static_cast<int>(keys.integer({"top_k_experts"}, {1, count})),
                  .ffn = keys.integer({"moe_intermediate_size", "expert_intermediate_size"}, kWidth),
                  .shared_ffn = ffn,
                  .beside_mlp = true});
}

// A number for all layers, or a list of one for each.
std::vector<std::int64_t> widths(Keys& keys, const ModelFacts& m, std::string_view key, std::int64_t absent) {
  const Node* const node = keys.of(key).node(key);
  const auto layers = static_cast<std::size_t>(m.layers);
  if (!node || node->kind != Node::Kind::list)
    return std::vector<std::int64_t>(layers, keys.integer({key}, kWidth, absent));
  std::vector<std::int64_t> given = keys.integers(key, kWidth);
  if (!given.empty() && given.size() != layers) {
    keys.of(key).problem(key,
                         {.message = fmt::format("`{}` and `num_hidden_layers` contradict each other", key),
                          .expected = fmt::format("{} entries, one for each layer", m.layers),
                          .got = fmt::format("{} entries", given.size())});
  }
  given.resize(layers, absent);
  return given;
}

// Layers whose gate is cut off at so many deviations above its mean; how many does not matter.
std::vector<bool> sparse_layers_of_gemma3n(Keys& keys, const ModelFacts& m) {
  constexpr std::string_view kKey = "activation_sparsity_pattern";
  constexpr int kOfClass = 10;
  std::vector<bool> sparse(static_cast<std::size_t>(m.layers));
  if (!keys.given(kKey)) {
    std::fill_n(sparse.begin(), m.layers > kOfClass ? kOfClass : 0, true);
    return sparse;
  }
  Section& section = keys.of(kKey);
  const std::vector<double> pattern = section.numbers(kKey, {.low = 0, .high = 1});
  if (std::ssize(pattern) != m.layers) {
    not_one_per_layer(section, kKey, m.layers, pattern.size());
    return sparse;
  }
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    sparse[i] = pattern[i] > 0;
    keys.findings().moot.push_back(fmt::format("{}.{}", section.path(kKey), i));
  }
  return sparse;
}

}  // namespace

void layers_of_gemma4(Keys& keys, ModelFacts& m) {
  const bool keys_are_values = keys.boolean("attention_k_eq_v").value_or(false);
  const int head_dim = small(keys, "global_head_dim", m.head_dim);
  int kv_heads = m.kv_heads;
  if (keys_are_values) {
    kv_heads = small(keys, "num_global_key_value_heads", m.kv_heads);
    check_kv_heads(keys, "num_global_key_value_heads", m.heads, kv_heads);
  } else {
    keys.moot("num_global_key_value_heads");
  }
  const std::int64_t window = keys.integer({"sliding_window"}, kPositions, 512);
  const Mixers full({.hidden = m.hidden,
                     .heads = m.heads,
                     .kv_heads = kv_heads,
                     .head_dim = head_dim,
                     .values_are_keys = keys_are_values});
  const Mixers windowed({.hidden = m.hidden,
                         .heads = m.heads,
                         .kv_heads = m.kv_heads,
                         .head_dim = m.head_dim,
                         .reach = {Reach::Kind::window, window}});
  const std::vector<bool> is_full = layers_saying(keys, m, "layer_types", kFull, kSliding, [&](int layer) {
    return (layer + 1) % 6 == 0 || layer + 1 == m.layers;
  });
  const int first_sharing = first_sharing_layer(keys, m, is_full, 0);
  const bool wide = keys.boolean("use_double_wide_mlp").value_or(false);
  if (first_sharing == m.layers) keys.moot("use_double_wide_mlp");

  const auto inputs = read_layer_inputs(keys, m, {}, true);
  const auto with_input = [&](const Half& channel) {
    return inputs ? with_layer_input(channel, *inputs) : channel;
  };
  const Half channel = with_input(channel_of_gemma4(keys, m, m.ffn));
  const Half of_sharing = wide ? with_input(channel_of_gemma4(keys, m, 2 * m.ffn)) : channel;
  LayerList layers;
  for (int i = 0; i < m.layers; ++i) {
    const bool sharing = i >= first_sharing;
    const Mixers& mixers = is_full[static_cast<std::size_t>(i)] ? full : windowed;
    layers.add(mixers.of(sharing), sharing ? of_sharing : channel);
  }
  m.own_layers = std::move(layers);
}

void layers_of_gemma3n(Keys& keys, ModelFacts& m) {
  SoftmaxAttention attention{
      .hidden = m.hidden, .heads = m.heads, .kv_heads = m.kv_heads, .head_dim = m.head_dim};
  Mixers full(attention);
  attention.reach = {Reach::Kind::window, keys.integer({"sliding_window"}, kPositions, 512)};
  Mixers windowed(attention);
  const int rank = small(keys, "laurel_rank", 64);
  for (Half* const half : {&full.owns, &full.shares, &windowed.owns, &windowed.shares})
    *half = with_low_rank_residual(*half, m.hidden, rank);

  const std::vector<bool> is_full =
      layers_saying(keys, m, "layer_types", kFull, kSliding, [](int layer) { return (layer + 1) % 5 == 0; });
  const int first_sharing = first_sharing_layer(keys, m, is_full, std::min(15, m.layers - 1));

  const auto inputs = read_layer_inputs(keys, m, 256, false);
  const ResidualStreams streams{m.hidden, static_cast<int>(keys.integer({"altup_num_inputs"}, {1, 64}, 4))};
  if (!keys.boolean("altup_correct_scale").value_or(true)) {
    keys.not_modelled("altup_correct_scale", "residual streams whose corrections are not scaled", "true");
  }
  m.beside.after = stream_projections(streams);
  m.beside.before = m.beside.before ? in_turn(m.beside.before, m.beside.after) : m.beside.after;

  const std::vector<std::int64_t> ffn = widths(keys, m, "intermediate_size", 16'384);
  const std::vector<bool> sparse = sparse_layers_of_gemma3n(keys, m);
  std::map<std::pair<std::int64_t, bool>, Half> channels;
  LayerList layers;
  for (int i = 0; i < m.layers; ++i) {
    const auto at = static_cast<std::size_t>(i);
    Half& channel = channels[{ffn[at], sparse[at]}];
    if (!channel) {
      const Half mlp = gated_mlp({m.hidden, ffn[at], sparse[at]});
      channel = with_streams(inputs ? with_layer_input(mlp, *inputs) : mlp, streams);
    }
    layers.add((is_full[at] ? full : windowed).of(i >= first_sharing), channel);
  }
  m.own_layers = std::move(layers);
}

}  // namespace blis
