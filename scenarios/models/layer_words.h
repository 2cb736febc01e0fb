// Which of two kinds each layer of a model is, and what its channel mixer is.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "roofline/kinds.h"
#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"

namespace blis {

constexpr Range<std::int64_t> kSmall{1, 1'000'000};
// What the lists of layers' kinds say of attention.
constexpr std::string_view kFull = "full_attention", kSliding = "sliding_attention";

// For each layer whether the list `key` says `word`, and not `other`; where the key is absent, `otherwise`.
std::vector<bool> layers_saying(Keys& keys, const ModelFacts& model, std::string_view key,
                                std::string_view word, std::string_view other,
                                const std::function<bool(int layer)>& otherwise);

// Experts where the model has them, else an MLP, of layers whose other half the caller knows.
class Channels {
 public:
  explicit Channels(const ModelFacts& model);
  const Half& of(bool routed) const { return routed && routed_ ? routed_ : mlp_; }
  const Half& at(int layer) const { return of(has_experts(*model_, layer)); }

 private:
  const ModelFacts* model_;
  Half mlp_, routed_;
};

// `is_first[i]` says which of the two mixers layer i has.
LayerList mixed_layers(const ModelFacts& model, const std::vector<bool>& is_first, const Half& first,
                       const Half& second);

inline int small(Keys& keys, std::string_view key, std::optional<std::int64_t> absent = {}) {
  return static_cast<int>(keys.integer({key}, kSmall, absent));
}
// KV heads that `key` gives to some layers must divide their heads.
void check_kv_heads(Keys& keys, std::string_view key, int heads, int kv_heads);
// Bytes of a value of a recurrent state, from a key that names its dtype; `absent` without one.
double state_value_bytes(Keys& keys, std::string_view key, double absent);

}  // namespace blis
