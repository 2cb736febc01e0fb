#include "scenarios/models/layer_words.h"

#include <fmt/format.h>

namespace blis {

std::vector<bool> layers_saying(Keys& keys, const ModelFacts& model, std::string_view key,
                                std::string_view word, std::string_view other,
                                const std::function<bool(int)>& otherwise) {
  std::vector<bool> says(static_cast<std::size_t>(model.layers));
  if (!keys.given(key)) {
    for (int i = 0; i < model.layers; ++i) says[static_cast<std::size_t>(i)] = otherwise(i);
    return says;
  }
  Section& section = keys.of(key);
  const std::vector<std::string> types = section.texts(key);
  if (std::ssize(types) != model.layers) {
    not_one_per_layer(section, key, model.layers, types.size());
    return says;
  }
  for (std::size_t i = 0; i < types.size(); ++i) {
    says[i] = types[i] == word;
    if (says[i] || types[i] == other) continue;
    keys.not_modelled(key, fmt::format("`{}` has layers of the kind `{}`", key, types[i]),
                      fmt::format("{} or {}", word, other));
    break;
  }
  return says;
}

Channels::Channels(const ModelFacts& m) : model_(&m), mlp_(gated_mlp({m.hidden, m.ffn})) {
  if (!m.moe) return;
  routed_ = experts({m.hidden, m.moe->experts, m.moe->experts_per_token, m.moe->ffn, m.moe->shared_ffn});
}

LayerList mixed_layers(const ModelFacts& model, const std::vector<bool>& is_first, const Half& first,
                       const Half& second) {
  const Channels channels(model);
  LayerList layers;
  for (int i = 0; i < model.layers; ++i) {
    layers.add(is_first[static_cast<std::size_t>(i)] ? first : second, channels.at(i));
  }
  return layers;
}

void check_kv_heads(Keys& keys, std::string_view key, int heads, int kv_heads) {
  if (heads % kv_heads == 0) return;
  keys.of(key).problem(key, {.message = fmt::format("`{}` does not divide {} heads", key, heads),
                             .expected = fmt::format("a divisor of {}", heads)});
}

double state_value_bytes(Keys& keys, std::string_view key, double absent) {
  const std::string dtype = keys.text(key).value_or("");
  if (dtype.empty()) return absent;
  if (dtype == "float32") return 4;
  if (dtype == "bfloat16" || dtype == "float16") return 2;
  keys.not_modelled(key, fmt::format("a state of the dtype `{}`", dtype), "float32, bfloat16 or float16");
  return absent;
}

}  // namespace blis
