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
  bool sinks = false;            // a learned logit beside the keys of each head (gpt-oss)
  bool output_gate = false;      // its output is multiplied by a projection of its input (Qwen3-Next)
  int v_head_dim = 0;            // of a value; 0: as `head_dim`
  bool values_are_keys = false;  // no projection of their own (Gemma 4); both are cached
  bool head_gate = false;        // like `output_gate`, but one factor for each head (Step-3.5)
  // Reads what an earlier layer of its kind cached (Gemma 3n). Its own keys and values are projected all the
  // same, as vLLM did until 2026-09 (PR 54917), and left unused.
  bool shares_cache = false;
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

// Latent attention to the positions that an indexer picks (DeepSeek-V3.2). Kind "dsa".
struct SparseAttention {
  LatentAttention latent;
  int index_heads = 0;
  int index_head_dim = 0;
  int index_topk = 0;
  bool own_indexer = true;  // else it reads what an earlier layer's picked (GLM-5.2)
};
Half sparse_attention(const SparseAttention& attention);

// Attention to a window and to compressed keys of all that is before, one for each `ratio` tokens, of which
// an indexer picks some (DeepSeek-V4). Keys are values, and shared by all heads. Kind "dsv4".
struct CompressedAttention {
  std::int64_t hidden = 0;
  int heads = 0, head_dim = 0;
  int rope_dim = 0;  // of head_dim, kept in 16 bits
  int q_lora_rank = 0;
  int o_groups = 0,
      o_lora_rank = 0;  // the output projection is one for each group of heads, and a second one
  int window = 0;
  int ratio = 0;                            // 0: the window is all that it sees
  bool overlaps = false;                    // a key is made of the tokens before its own, too
  int index_heads = 0, index_head_dim = 0;  // 0: every compressed key is read
  int index_topk = 0;                       // compressed keys
};
Half compressed_attention(const CompressedAttention& attention);

// Gated delta net (Qwen3-Next, Qwen3.5). Kind "gdn".
struct GatedDeltaNet {
  std::int64_t hidden = 0;
  int key_heads = 0, key_dim = 0;
  int value_heads = 0, value_dim = 0;
  int kernel = 4;          // positions of the convolution
  double state_bytes = 2;  // of a value of the state
};
Half gated_delta_net(const GatedDeltaNet& net);

// Kimi delta attention: a delta net with a gate for each channel. Kind "kda".
struct KimiDelta {
  std::int64_t hidden = 0;
  int heads = 0, head_dim = 0;
  int kernel = 4;
};
Half kimi_delta(const KimiDelta& net);

// Linear attention with a fixed decay for each head (MiniMax-Text). Kind "lightning".
struct Lightning {
  std::int64_t hidden = 0;
  int heads = 0, head_dim = 0;
};
Half lightning(const Lightning& attention);

// State space with a matrix for each channel (Mamba, Jamba). Kind "mamba1".
struct Mamba1 {
  std::int64_t hidden = 0;
  std::int64_t channels = 0;
  int state = 0;  // values a channel
  int dt_rank = 0;
  int kernel = 4;
  bool inner_norms = false;  // of the projected dt, B and C (Jamba)
};
Half mamba1(const Mamba1& mamba);

// State space with one decay for each head (Nemotron-H, Granite 4, Falcon-H1). Kind "mamba2".
struct Mamba2 {
  std::int64_t hidden = 0;
  int heads = 0, head_dim = 0;
  int groups = 1;  // that share B and C
  int state = 0;   // values a channel
  int kernel = 4;
  int chunk = 256;         // positions that prefill computes together
  double state_bytes = 2;  // of a value of the state
};
Half mamba2(const Mamba2& mamba);

// A gated convolution over the last few positions (LFM2). Kind "short_conv".
struct ShortConv {
  std::int64_t hidden = 0;
  std::int64_t channels = 0;
  int kernel = 3;
};
Half short_conv(const ShortConv& conv);

// Two mixers that read the same input, and whose outputs are added (Falcon-H1). Kind "side_by_side".
Half side_by_side(const Half& first, const Half& second);

// Gate, up and down. Kind "gated_mlp".
struct GatedMlp {
  std::int64_t hidden = 0;
  std::int64_t ffn = 0;
  bool sparse = false;  // of the gate only what lies far above its mean counts (Gemma 3n)
};
Half gated_mlp(const GatedMlp& mlp);

// Up and down. Kind "plain_mlp".
struct PlainMlp {
  std::int64_t hidden = 0;
  std::int64_t ffn = 0;
};
Half plain_mlp(const PlainMlp& mlp);

// Routed MLPs, and shared ones that every token passes through. Kind "experts".
struct Experts {
  std::int64_t hidden = 0;
  int experts = 0;
  int experts_per_token = 0;
  std::int64_t ffn = 0;         // of one
  std::int64_t shared_ffn = 0;  // of all shared ones together; 0: there are none
  bool gated = true;            // three matrices each, shared ones, too; else two
  std::int64_t latent = 0;      // width at which routed ones work, between two projections; 0: `hidden`
  bool beside_mlp = false;  // what is shared is an MLP of the layer's own, by checkpoints' names (Gemma 4)
};
Half experts(const Experts& experts);

// Not kinds but what halves of any kind may have beside, and what goes with it before and after the layers.

// An input of its own for each layer, from a table and from the embedding (Gemma 3n, Gemma 4).
struct LayerInputs {
  std::int64_t hidden = 0;
  std::int64_t width = 0;  // of one layer's
  int layers = 0;
  bool quantized = false;  // its matrices within the layers are, like an MLP's
};
Half with_layer_input(const Half& channel, const LayerInputs& inputs);
PartOf layer_inputs(const LayerInputs& inputs);  // makes all of them, before the first layer

// Several residual streams, of which a layer works on one and corrects all (AltUp, Gemma 3n).
struct ResidualStreams {
  std::int64_t hidden = 0;
  int streams = 0;
};
Half with_streams(const Half& channel, const ResidualStreams& streams);
PartOf stream_projections(const ResidualStreams& streams);  // before the first layer, and after the last

// The same streams, mixed by factors of their own before and after a half (hyper-connections, DeepSeek-V4).
// `name` tells the two of a layer apart: "attention".
Half with_hyper_connections(const Half& half, const ResidualStreams& streams, std::string name);

PartOf in_turn(PartOf first, PartOf second);

// A residual path of low rank beside a mixer (LAuReL, Gemma 3n).
Half with_low_rank_residual(const Half& mixer, std::int64_t hidden, int rank);

struct LayerKind {
  std::string_view name;
  std::string_view what;  // for people
  Half (*example)();      // a usual one, of a hidden size of 4096
};
// Mixers before channel mixers; costs of layers are added in the order of their channel mixers' rows.
std::span<const LayerKind> layer_kinds();

}  // namespace blis
