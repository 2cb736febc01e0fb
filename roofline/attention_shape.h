// What attention's kernels depend on.
#pragma once

namespace blis {

// One layer on one rank.
struct AttentionShape {
  double heads = 1;
  double kv_heads = 1;
  double qk_dim = 128;  // of a query and a key
  double v_dim = 128;   // of a value
  double kv_bytes = 0;  // that one token's keys and values occupy here
  bool kv_in_8_bits = false;
  double window = 0;      // tokens a position sees at most; 0: all
  double stride = 1;      // tokens that one cached key stands for (compressed attention)
  bool latent = false;    // MLA: decoding multiplies queries with the compressed cache, all heads at once
  double latent_dim = 0;  // of the compressed vector, with its rotary part
  bool sinks = false;     // a learned logit beside the keys of each head (gpt-oss)
  friend bool operator==(const AttentionShape&, const AttentionShape&) = default;
};

}  // namespace blis
