#include <algorithm>

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
  SparseAttention attention{.latent = {m.hidden, m.heads, m.kv_heads, m.head_dim, a.q_lora_rank,
                                       a.kv_lora_rank, a.qk_nope_head_dim, a.qk_rope_head_dim, a.v_head_dim},
                            .index_heads = small(keys, "index_n_heads"),
                            .index_head_dim = small(keys, "index_head_dim"),
                            .index_topk = small(keys, "index_topk")};
  const Half sparse = sparse_attention(attention);
  attention.own_indexer = false;
  const Half sharing = sparse_attention(attention);
  // GLM 5.1 and 5.2 list what other keys say, too, and layers that read what another's indexer picked.
  const std::vector<bool> own_indexer =
      layers_saying(keys, m, "indexer_types", "full", "shared", [](int) { return true; });
  if (!own_indexer.empty() && !own_indexer.front()) {
    keys.of("indexer_types")
        .problem("indexer_types",
                 {.message = "the first layer shares an indexer, and there is none before it",
                  .expected = "full, ..."});
  }
  if (keys.given("indexer_types")) {
    for (const char* const key :
         {"index_topk_freq", "index_skip_topk_offset", "index_share_for_mtp_iteration"})
      keys.moot(key);  // how the list came about
  }
  const std::vector<bool> routed = layers_saying(keys, m, "mlp_layer_types", "sparse", "dense",
                                                 [&](int layer) { return has_experts(m, layer); });
  const Channels channels(m);
  LayerList layers;
  for (int i = 0; i < m.layers; ++i) {
    const bool is_routed = routed[static_cast<std::size_t>(i)];
    if (is_routed != has_experts(m, i)) {
      keys.of("mlp_layer_types")
          .problem("mlp_layer_types",
                   {.message = "`mlp_layer_types` and `first_k_dense_replace` contradict each other",
                    .expected = "the same layers with experts"});
      break;
    }
    layers.add(own_indexer[static_cast<std::size_t>(i)] ? sparse : sharing, channels.of(is_routed));
  }
  m.own_layers = layers;
}

}  // namespace blis
