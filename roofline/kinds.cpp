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
    LayerKind{"dsa", "latent attention to the positions that an indexer picks (DSA)",
              [] {
                return sparse_attention({.latent = {.hidden = kHidden,
                                                    .heads = 32,
                                                    .kv_heads = 32,
                                                    .head_dim = 128,
                                                    .q_lora_rank = 1536,
                                                    .kv_lora_rank = 512,
                                                    .qk_nope_head_dim = 128,
                                                    .qk_rope_head_dim = 64,
                                                    .v_head_dim = 128},
                                         .index_heads = 64,
                                         .index_head_dim = 128,
                                         .index_topk = 2048});
              }},
    LayerKind{"dsv4", "attention to a window and to compressed keys",
              [] {
                return compressed_attention({.hidden = kHidden,
                                             .heads = 64,
                                             .head_dim = 512,
                                             .rope_dim = 64,
                                             .q_lora_rank = 1024,
                                             .o_groups = 8,
                                             .o_lora_rank = 1024,
                                             .window = 128,
                                             .ratio = 4,
                                             .overlaps = true,
                                             .index_heads = 64,
                                             .index_head_dim = 128,
                                             .index_topk = 512});
              }},
    LayerKind{
        "gdn", "gated delta net, a state instead of a cache",
        [] {
          return gated_delta_net(
              {.hidden = kHidden, .key_heads = 16, .key_dim = 128, .value_heads = 32, .value_dim = 128});
        }},
    LayerKind{"kda", "Kimi delta attention, a state instead of a cache",
              [] { return kimi_delta({.hidden = kHidden, .heads = 32, .head_dim = 128}); }},
    LayerKind{"lightning", "lightning attention, a state instead of a cache",
              [] { return lightning({.hidden = kHidden, .heads = 32, .head_dim = 128}); }},
    LayerKind{
        "mamba1", "Mamba, a state instead of a cache",
        [] { return mamba1({.hidden = kHidden, .channels = 2 * kHidden, .state = 16, .dt_rank = 256}); }},
    LayerKind{
        "mamba2", "Mamba 2, a state instead of a cache",
        [] { return mamba2({.hidden = kHidden, .heads = 128, .head_dim = 64, .groups = 8, .state = 128}); }},
    LayerKind{"short_conv", "a short convolution, whose last inputs are the state",
              [] { return short_conv({.hidden = kHidden, .channels = kHidden}); }},
    LayerKind{"side_by_side", "two mixers on one input, their outputs added",
              [] {
                return side_by_side(
                    grouped({}),
                    mamba2({.hidden = kHidden, .heads = 32, .head_dim = 128, .groups = 1, .state = 256}));
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
