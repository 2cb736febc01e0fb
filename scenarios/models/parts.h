// Parts of a model's config that take more than a key: experts, windows, the longest sequence.
#pragma once

#include <optional>

#include "roofline/model_facts.h"
#include "scenarios/models/family.h"
#include "scenarios/models/keys.h"

namespace blis {

// These take `model.layers` from before.
std::optional<MoeConfig> read_experts(Keys& keys, const Family& family, const ModelFacts& model);
std::optional<WindowConfig> read_windows(Keys& keys, const Family& family, const ModelFacts& model);

// The longest sequence by vLLM's rule, 0 if the config does not say; and what is taken unasked, 0 if that.
// Source: vllm/config/model.py, _get_and_verify_max_len.
struct SequenceLimit {
  std::int64_t longest = 0, unasked = 0;
};
SequenceLimit read_longest_sequence(Keys& keys, const Family& family);

}  // namespace blis
