#include "scenarios/models/layer_words.h"
#include "scenarios/models/state_layers.h"

namespace blis {

void sparse_layers(Keys& keys, ModelFacts& m) {
  if (!m.mla) return;
  if (!keys.given("index_topk")) {
    keys.not_modelled("index_topk", "sparse attention, without the keys of its indexer",
                      "index_n_heads, index_head_dim and index_topk");
    return;
  }
  const MlaConfig& a = *m.mla;
  if (a.q_lora_rank == 0) {
    keys.of("q_lora_rank")
        .problem("q_lora_rank", {.message = "an indexer reads the compressed queries, and there are none",
                                 .expected = "a rank of 1 or more"});
  }
  const Half sparse =
      sparse_attention({.latent = {m.hidden, m.heads, m.kv_heads, m.head_dim, a.q_lora_rank, a.kv_lora_rank,
                                   a.qk_nope_head_dim, a.qk_rope_head_dim, a.v_head_dim},
                        .index_heads = small(keys, "index_n_heads"),
                        .index_head_dim = small(keys, "index_head_dim"),
                        .index_topk = small(keys, "index_topk")});
  const Channels channels(m);
  LayerList layers;
  for (int i = 0; i < m.layers; ++i) layers.add(sparse, channels.at(i));
  m.own_layers = layers;
}

}  // namespace blis
