// Parts of a model's config that take more than a key: experts, windows, the longest sequence.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/model_facts.h"
#include "scenarios/models/family.h"
#include "scenarios/models/keys.h"
#include "scenarios/vllm_code.h"

namespace blis {

// Of the model's layers, from 0, those for which `is` holds.
template <class Is>
std::vector<int> layers_where(const ModelFacts& model, Is is) {
  std::vector<int> layers;
  for (int i = 0; i < model.layers; ++i) {
    if (is(i)) layers.push_back(i);
  }
  return layers;
}

// These take `model.layers` from before.
std::optional<MoeConfig> read_experts(Keys& keys, const Family& family, const ModelFacts& model);
std::optional<WindowConfig> read_windows(Keys& keys, const Family& family, const ModelFacts& model);
// Before 0.10.1 vLLM had windows in all layers where max_window_layers counts all, and else refused.
void check_windows_of_release(Keys& keys, const Family& family, const VllmCode& code);
// A remark where no window is taken, and vLLM would take one.
void say_absent_window_of_mistral(Keys& keys, ModelFacts& model);

// The longest sequence by vLLM's rule, 0 if any may be asked for; what is taken unasked, 0 if the longest;
// and the key or the rule that says so. Source: vllm/config/model.py, _get_and_verify_max_len.
struct SequenceLimit {
  std::int64_t longest = 0, unasked = 0;
  std::string from;
};
SequenceLimit read_longest_sequence(Keys& keys, const Family& family);

}  // namespace blis
