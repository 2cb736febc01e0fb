#include "roofline/kinds.h"

#include <array>

namespace blis {
namespace {

constexpr std::int64_t kHidden = 4096;

Half grouped(Reach reach) {
  return softmax_attention({.hidden = kHidden, .heads = 32, .kv_heads = 8, .head_dim = 128, .reach = reach});
}

constexpr std::array kKinds{
    LayerKind{"full", "softmax attention over the whole context", [] { return grouped({}); }},
    LayerKind{"sliding", "softmax attention over a window of the last tokens",
              [] {
                return grouped({Reach::Kind::window, 1024});
              }},
    LayerKind{"chunked", "softmax attention within fixed chunks of the context",
              [] {
                return grouped({Reach::Kind::chunk, 8192});
              }},
    LayerKind{"latent", "multi-head latent attention (MLA)",
              [] {
                return latent_attention({.hidden = kHidden,
                                         .heads = 32,
                                         .kv_heads = 32,
                                         .head_dim = 128,
                                         .q_lora_rank = 1536,
                                         .kv_lora_rank = 512,
                                         .qk_nope_head_dim = 128,
                                         .qk_rope_head_dim = 64,
                                         .v_head_dim = 128});
              }},
    LayerKind{"gated_mlp", "MLP of three matrices",
              [] {
                return gated_mlp({kHidden, 14336});
              }},
    LayerKind{"plain_mlp", "MLP of two matrices",
              [] {
                return plain_mlp({kHidden, 4 * kHidden});
              }},
    LayerKind{
        "experts", "experts that a router chooses among, with or without shared ones",
        [] {
          return experts(
              {.hidden = kHidden, .experts = 64, .experts_per_token = 4, .ffn = 2048, .shared_ffn = 2048});
        }},
};

}  // namespace

std::span<const LayerKind> layer_kinds() {
  return kKinds;
}

}  // namespace blis
