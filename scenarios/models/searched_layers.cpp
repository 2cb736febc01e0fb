#include "scenarios/models/searched_layers.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "roofline/kinds.h"

namespace blis {
namespace {

// The parts that are alike are one.
class BlockReader {
 public:
  BlockReader(Keys& keys, const ModelFacts& model) : keys_(keys), model_(model) {}

  // Null where the layer has none.
  Half attention(Section& block) {
    auto part = block.required_section("attention");
    if (!part || !is_there(*part)) return nullptr;
    const Range<std::int64_t> heads{1, model_.heads};
    const std::int64_t group = part->integer("n_heads_in_group", heads);
    for (const char* const other : {"window_length", "num_sink_tokens"}) {
      if (part->maybe_integer(other, kPositions)) unmodelled(fmt::format("attention with a `{}`", other));
    }
    for (const char* const moot : {"unshifted_sink", "use_prefill_window_in_sink_attention"}) {
      if (part->node(moot)) keys_.findings().moot.push_back(part->path(moot));  // there is no sink
    }
    if (model_.heads % group != 0) {
      part->problem("n_heads_in_group",
                    {.message = "`n_heads_in_group` does not divide `num_attention_heads`",
                     .expected = fmt::format("a divisor of {}", model_.heads)});
      return nullptr;
    }
    const int kv_heads = model_.heads / static_cast<int>(group);
    Half& half = attentions_[kv_heads];
    if (!half) half = softmax_attention({model_.hidden, model_.heads, kv_heads, model_.head_dim});
    return half;
  }

  Half mlp(Section& block) {
    constexpr std::int64_t kMultiple = 256;
    auto part = block.required_section("ffn");
    if (!part || !is_there(*part)) return nullptr;
    const double share = part->number("ffn_mult", {.low = 0, .high = 100, .low_open = true});
    const auto width = static_cast<std::int64_t>(2 * share * static_cast<double>(model_.hidden) / 3);
    Half& half = mlps_[(width + kMultiple - 1) / kMultiple * kMultiple];
    if (!half) half = gated_mlp({model_.hidden, (width + kMultiple - 1) / kMultiple * kMultiple});
    return half;
  }

  int most_kv_heads() const { return attentions_.empty() ? model_.heads : attentions_.rbegin()->first; }

 private:
  bool is_there(Section& part) {
    const bool replaced = part.maybe_boolean("replace_with_linear").value_or(false);
    if (replaced) unmodelled("layers that a single matrix stands for, which vLLM does not have");
    if (const Node* const sparse = part.node("sparsify"); sparse && sparse->kind != Node::Kind::null) {
      unmodelled("sparse matrices");
    }
    const bool left_out = part.maybe_boolean("no_op").value_or(false) || replaced;
    if (left_out) {
      for (const char* const key : {"n_heads_in_group", "ffn_mult", "window_length", "num_sink_tokens",
                                    "unshifted_sink", "use_prefill_window_in_sink_attention"}) {
        if (part.node(key)) keys_.findings().moot.push_back(part.path(key));
      }
    }
    return !left_out;
  }
  void unmodelled(const std::string& what) {
    if (said_) return;
    said_ = true;
    keys_.not_modelled("block_configs", fmt::format("`block_configs` has {}", what),
                       "attention and MLPs alone");
  }

  Keys& keys_;
  const ModelFacts& model_;
  std::map<int, Half> attentions_;
  std::map<std::int64_t, Half> mlps_;
  bool said_ = false;
};

}  // namespace

void blocks_of_nemotron_nas(Keys& keys, ModelFacts& model) {
  Section& section = keys.of("block_configs");
  if (!section.given("block_configs")) {
    section.required_section("block_configs");  // records that it is missing
    return;
  }
  std::vector<Section> blocks = section.sections("block_configs");
  if (std::ssize(blocks) != model.layers) {
    not_one_per_layer(section, "block_configs", model.layers, blocks.size());
    return;
  }
  BlockReader reader(keys, model);
  LayerList layers;
  for (Section& block : blocks) layers.add(reader.attention(block), reader.mlp(block));
  model.kv_heads = reader.most_kv_heads();
  model.own_layers = std::move(layers);
  for (const char* const key : {"num_key_value_heads", "intermediate_size"}) keys.moot(key);
}

}  // namespace blis
