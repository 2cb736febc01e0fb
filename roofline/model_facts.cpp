#include "roofline/model_facts.h"

#include <algorithm>

#include "roofline/kinds.h"

namespace blis {
namespace {

bool has_window(const ModelFacts& m, int layer) {
  if (!m.window) return false;
  if (!m.window->which.empty()) return std::ranges::binary_search(m.window->which, layer);
  const auto up_to = [&](int end) { return end * m.window->layers / m.layers; };
  return up_to(layer + 1) > up_to(layer);
}

Half mixer_of(const ModelFacts& m, const Reach& reach) {
  if (!m.mla) return softmax_attention({m.hidden, m.heads, m.kv_heads, m.head_dim, reach, m.attention_sinks});
  const MlaConfig& a = *m.mla;
  return latent_attention({m.hidden, m.heads, m.kv_heads, m.head_dim, a.q_lora_rank, a.kv_lora_rank,
                           a.qk_nope_head_dim, a.qk_rope_head_dim, a.v_head_dim, reach});
}

}  // namespace

bool has_experts(const ModelFacts& m, int layer) {
  if (!m.moe || layer < m.moe->dense_prefix_layers) return false;
  return (layer + 1) % m.moe->every == 0 && !std::ranges::binary_search(m.moe->dense, layer);
}

LayerList layer_list(const ModelFacts& m) {
  if (m.own_layers) return *m.own_layers;
  const Half full = mixer_of(m, {});
  const Half mlp = m.plain_mlp ? plain_mlp({m.hidden, m.ffn}) : gated_mlp({m.hidden, m.ffn});
  Half windowed, routed;
  if (m.window) {
    const bool chunked = m.window->kind == WindowConfig::Kind::chunked;
    windowed = mixer_of(m, {chunked ? Reach::Kind::chunk : Reach::Kind::window, m.window->tokens});
  }
  if (m.moe) {
    routed = experts({m.hidden, m.moe->experts, m.moe->experts_per_token, m.moe->ffn, m.moe->shared_ffn});
  }
  LayerList layers;
  for (int i = 0; i < m.layers; ++i) {
    layers.add(has_window(m, i) ? windowed : full, has_experts(m, i) ? routed : mlp);
  }
  return layers;
}

ModelFacts::operator ModelConfig() const {
  ModelConfig model;
  model.name = name;
  model.model_type = model_type;
  model.served_by = served_by;
  model.layers = layer_list(*this);
  model.hidden = hidden;
  model.vocab = vocab;
  model.max_position_embeddings = max_position_embeddings;
  model.default_max_model_len = default_max_model_len;
  model.max_model_len_from = max_model_len_from;
  model.dtype_bytes = dtype_bytes;
  model.tie_word_embeddings = tie_word_embeddings;
  model.vision_elements = vision_elements;
  model.whole_vision = whole_vision;
  model.audio_elements = audio_elements;
  model.beside = beside;
  model.vision = vision;
  model.predicting_layers = predicting_layers;
  model.position_elements = position_elements;
  model.quantization = quantization;
  model.not_modelled = not_modelled;
  model.remarks = remarks;
  model.default_top_p_or_k = default_top_p_or_k;
  return model;
}

}  // namespace blis
