#include <fmt/format.h>

#include "scenarios/models/layer_words.h"
#include "scenarios/models/state_layers.h"

namespace blis {
namespace {

// By `index_topk_pattern`, F for a layer with an indexer of its own and S for one that reads what the indexer
// before it picked.
bool has_own_by_letter(Keys& keys, const ModelFacts& m, const std::string& letters, int layer) {
  const bool right = std::ssize(letters) == m.layers && letters.find_first_not_of("FS") == std::string::npos;
  if (!right && layer == 0) {
    keys.of("index_topk_pattern")
        .problem("index_topk_pattern", {.message = "`index_topk_pattern` does not say what each layer is",
                                        .expected = fmt::format("{} letters, F or S", m.layers)});
  }
  return !right || letters[static_cast<std::size_t>(layer)] == 'F';
}

// Whether each layer has an indexer of its own, twice: by keys that count them, and by a list. Those counted
// are the first `index_skip_topk_offset` and each `index_topk_freq`-th of the rest, the last of each run.
std::vector<bool> own_indexers(Keys& keys, const ModelFacts& m) {
  const std::string letters = keys.text("index_topk_pattern").value_or("");
  const int every = letters.empty() ? small(keys, "index_topk_freq", 1) : 1;
  const std::int64_t first = every > 1 ? keys.integer({"index_skip_topk_offset"}, {0, kLayers.high}) : 0;
  if (every == 1) {
    for (const char* const key : {"index_topk_freq", "index_skip_topk_offset"}) keys.moot(key);
  }
  const auto counted = [&](int layer) {
    if (!letters.empty()) return has_own_by_letter(keys, m, letters, layer);
    return layer < first || (layer - first + 1) % every == 0;
  };
  const std::vector<bool> listed = layers_saying(keys, m, "indexer_types", "full", "shared", counted);
  const bool said_twice = keys.given("indexer_types") && (keys.given("index_topk_freq") || !letters.empty());
  for (int i = 0; said_twice && i < m.layers; ++i) {
    if (listed[static_cast<std::size_t>(i)] == counted(i)) continue;
    keys.of("indexer_types")
        .problem("indexer_types",
                 {.message = "`indexer_types` and what counts layers with an indexer contradict each other",
                  .expected = fmt::format("`{}` for layer {}", counted(i) ? "full" : "shared", i),
                  .hint = "index_topk_freq and index_skip_topk_offset, or index_topk_pattern, count them"});
    break;
  }
  if (!listed.front()) {
    keys.of("indexer_types")
        .problem("indexer_types", {.message = "the first layer has no indexer, and none before it has one",
                                   .expected = "an indexer in the first layer"});
  }
  return listed;
}

}  // namespace

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
  // GLM 5.1 and 5.2 list what other keys say, too.
  const std::vector<bool> own = own_indexers(keys, m);
  constexpr std::string_view kWord = "deepseek_sparse_attention";
  layers_saying(keys, m, "layer_types", kWord, kWord, [](int) { return true; });
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
    layers.add(own[static_cast<std::size_t>(i)] ? sparse : sharing, channels.of(is_routed));
  }
  m.own_layers = layers;
}

}  // namespace blis
