// The kinds of half layers: a row each, and what makes one. A new kind is a file in roofline/kinds/, a maker
// here and a row in kinds.cpp.
#pragma once

#include <cstdint>
#include <span>

#include "roofline/layers.h"

namespace blis {

// Softmax attention with query heads that share KV heads. Its kind is "full", "sliding" or "chunked".
struct SoftmaxAttention {
  std::int64_t hidden = 0;
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  Reach reach{};
};
Half softmax_attention(const SoftmaxAttention& attention);

// Multi-head latent attention (DeepSeek): the cache holds one compressed vector a token. Kind "latent".
struct LatentAttention {
  std::int64_t hidden = 0;
  int heads = 0;
  int kv_heads = 0;  // with head_dim, as the config has them, for the peak of activations alone
  int head_dim = 0;
  int q_lora_rank = 0;  // 0: queries are projected directly
  int kv_lora_rank = 0;
  int qk_nope_head_dim = 0;
  int qk_rope_head_dim = 0;
  int v_head_dim = 0;
  Reach reach{};
};
Half latent_attention(const LatentAttention& attention);

// Gate, up and down. Kind "gated_mlp".
struct GatedMlp {
  std::int64_t hidden = 0;
  std::int64_t ffn = 0;
};
Half gated_mlp(const GatedMlp& mlp);

// Up and down. Kind "plain_mlp".
struct PlainMlp {
  std::int64_t hidden = 0;
  std::int64_t ffn = 0;
};
Half plain_mlp(const PlainMlp& mlp);

// Routed gated MLPs, and shared ones that every token passes through. Kind "experts".
struct Experts {
  std::int64_t hidden = 0;
  int experts = 0;
  int experts_per_token = 0;
  std::int64_t ffn = 0;         // of one
  std::int64_t shared_ffn = 0;  // of all shared ones together; 0: there are none
};
Half experts(const Experts& experts);

struct LayerKind {
  std::string_view name;
  std::string_view what;  // for people
  Half (*example)();      // a usual one, of a hidden size of 4096
};
// Mixers before channel mixers; costs of layers are added in the order of their channel mixers' rows.
std::span<const LayerKind> layer_kinds();

}  // namespace blis
