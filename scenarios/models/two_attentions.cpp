#include "scenarios/models/two_attentions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "scenarios/models/layer_words.h"

namespace blis {
namespace {

Reach window_of(std::int64_t tokens) {
  return {Reach::Kind::window, tokens};
}

struct Heads {
  int heads = 0, kv_heads = 0, head_dim = 0, v_head_dim = 0;
};

Half attention(const ModelFacts& m, const Heads& h, const Reach& reach = {}, bool sinks = false) {
  return softmax_attention({.hidden = m.hidden,
                            .heads = h.heads,
                            .kv_heads = h.kv_heads,
                            .head_dim = h.head_dim,
                            .reach = reach,
                            .sinks = sinks,
                            .v_head_dim = h.v_head_dim});
}

// Layers by number, "3,4,5".
std::vector<bool> listed_by_number(Keys& keys, const ModelFacts& m, std::string_view key) {
  std::vector<bool> listed(static_cast<std::size_t>(m.layers));
  const std::string text = keys.text(key).value_or("");
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    int layer = -1;
    const auto [after, error] = std::from_chars(at, end, layer);
    const bool ends = after == end || *after == ',';
    if (error != std::errc{} || layer < 0 || !ends) {
      keys.of(key).problem(key, {.message = fmt::format("`{}` is no list of layers", key),
                                 .expected = "numbers from 0, separated by commas",
                                 .got = text.substr(0, 40)});
      return listed;
    }
    if (layer < m.layers)
      listed[static_cast<std::size_t>(layer)] = true;  // beyond are those that predict ahead
    at = after == end ? end : after + 1;
  }
  return listed;
}

}  // namespace

void layers_of_mimo_v2(Keys& keys, ModelFacts& m) {
  const std::vector<std::int64_t> pattern = keys.integers("hybrid_layer_pattern", {0, 1});
  if (std::ssize(pattern) != m.layers) {
    not_one_per_layer(keys.of("hybrid_layer_pattern"), "hybrid_layer_pattern", m.layers, pattern.size());
    return;
  }
  const Heads all{m.heads, m.kv_heads, m.head_dim, small(keys, "v_head_dim", m.head_dim)};
  Heads near{small(keys, "swa_num_attention_heads"), small(keys, "swa_num_key_value_heads"),
             small(keys, "swa_head_dim")};
  near.v_head_dim = small(keys, "swa_v_head_dim", near.head_dim);
  check_kv_heads(keys, "swa_num_key_value_heads", near.heads, near.kv_heads);
  keys.moot("attention_chunk_size");  // vLLM deletes it: these are windows
  const auto window = keys.integer({"sliding_window_size", "sliding_window"}, kPositions);
  std::vector<bool> is_full;
  for (const std::int64_t windowed : pattern) is_full.push_back(windowed == 0);
  const bool sinks = keys.boolean("add_swa_attention_sink_bias").value_or(false);  // the others have none
  m.own_layers = mixed_layers(m, is_full, attention(m, all), attention(m, near, window_of(window), sinks));
}

void layers_of_step3p5(Keys& keys, ModelFacts& m) {
  const bool gate = keys.boolean("use_head_wise_attn_gate").value_or(false);
  Heads near{m.heads, m.kv_heads, m.head_dim};
  if (auto other = keys.of("attention_other_setting").section("attention_other_setting")) {
    const std::string type = other->text("attention_type");
    if (!type.empty() && type != kSliding) {
      keys.not_modelled("attention_other_setting", fmt::format("other heads in layers of `{}`", type),
                        std::string(kSliding));
    }
    const auto size = [&](const char* key) { return static_cast<int>(other->integer(key, kSmall)); };
    near = {size("num_attention_heads"), size("num_attention_groups"), size("head_dim")};
    if (near.kv_heads > 0 && near.heads % near.kv_heads != 0) {
      other->problem("num_attention_groups", {.message = "`num_attention_groups` does not divide its heads",
                                              .expected = fmt::format("a divisor of {}", near.heads)});
    }
    if (other->node("true_head_dim")) keys.findings().moot.push_back(other->path("true_head_dim"));
  }
  const auto with_gate = [&](const Heads& h, const Reach& reach) {
    return softmax_attention({.hidden = m.hidden,
                              .heads = h.heads,
                              .kv_heads = h.kv_heads,
                              .head_dim = h.head_dim,
                              .reach = reach,
                              .head_gate = gate});
  };
  const Half full = with_gate({m.heads, m.kv_heads, m.head_dim}, {});
  const Half windowed = with_gate(near, window_of(keys.integer({"sliding_window"}, kPositions)));

  // Of layers that predict ahead, too, which follow the others.
  Section& section = keys.of("layer_types");
  const std::vector<std::string> types = section.texts("layer_types");
  if (std::ssize(types) < m.layers) {
    not_one_per_layer(section, "layer_types", m.layers, types.size());
    return;
  }
  const std::vector<bool> routed =
      keys.given("moe_layers_enum") ? listed_by_number(keys, m, "moe_layers_enum") : [&] {
        std::vector<bool> all_but_first(static_cast<std::size_t>(m.layers), true);
        all_but_first[0] = false;
        return all_but_first;
      }();
  const Channels channels(m);
  LayerList layers;
  for (int i = 0; i < m.layers; ++i) {
    const std::string& type = types[static_cast<std::size_t>(i)];
    if (type != kFull && type != kSliding) {
      keys.not_modelled("layer_types", fmt::format("`layer_types` has layers of the kind `{}`", type),
                        fmt::format("{} or {}", kFull, kSliding));
      return;
    }
    layers.add(type == kFull ? full : windowed, channels.of(routed[static_cast<std::size_t>(i)]));
  }
  for (std::size_t i = 0; i < types.size(); ++i) {
    keys.findings().moot.push_back(fmt::format("{}.{}", section.path("layer_types"), i));
  }
  m.own_layers = std::move(layers);
}

}  // namespace blis
