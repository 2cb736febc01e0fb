#include <algorithm>
#include <array>
#include <string>

#include "scenarios/models/class_defaults.h"
#include "scenarios/models/family.h"
#include "scenarios/models/keys.h"
#include "scenarios/models/word_list.h"

namespace blis {
namespace {

// Names of one quantity: whoever gives one has given it.
constexpr std::array<std::string_view, 12> kSynonyms{
    "num_hidden_layers n_layers num_layers n_layer",
    "hidden_size n_embd d_model n_embed",
    "num_attention_heads n_heads n_head",
    "num_key_value_heads n_head_kv num_kv_heads num_attention_groups",
    "vocab_size padded_vocab_size",
    "num_experts moe_num_experts n_routed_experts num_local_experts",
    "num_experts_per_tok num_experts_per_token experts_per_token top_k_experts moe_topk moe_top_k moe_k",
    "n_shared_experts num_shared_experts moe_num_shared_experts",
    "intermediate_size block_ff_dim",
    "moe_intermediate_size expert_intermediate_size",
    "sliding_window sliding_window_size",
    "sliding_window_pattern _sliding_window_pattern",
};

// The first of the names that the config has, null or not.
const Node* find_any(const Node& config, std::string_view names) {
  for (const std::string_view name : words_of(names)) {
    if (const Node* const node = config.find(name)) return node;
  }
  return nullptr;
}

std::string_view text_of(const Node& config, std::string_view key) {
  const Node* const node = config.find(key);
  return node && node->kind == Node::Kind::scalar ? std::string_view(node->text) : std::string_view{};
}

// What `outer` gives, around a nested config, counts as given.
void complete(Node& config, std::string_view defaults, const Node& outer) {
  for (const std::string_view pair : words_of(defaults)) {
    const std::size_t at = pair.find('=');
    const std::string_view key = pair.substr(0, at), value = pair.substr(at + 1);
    const std::string_view names = synonyms_of(key);
    if (find_any(config, names) || find_any(outer, names)) continue;
    Node node{.kind = value == "null" ? Node::Kind::null : Node::Kind::scalar, .key = std::string(key)};
    if (node.kind == Node::Kind::scalar) node.text = value;
    config.children.push_back(std::move(node));
  }
}

// A tower's sizes, in a part that is made for it where the config has none.
void complete_vision(Node& config, const Family& family) {
  if (family.vision_type.empty()) return;
  constexpr std::string_view kKey = "vision_config";
  auto part = std::ranges::find(config.children, kKey, &Node::key);
  if (part == config.children.end()) {
    config.children.push_back({.key = std::string(kKey)});
    part = config.children.end() - 1;
  }
  if (part->kind == Node::Kind::null) {
    part->kind = Node::Kind::map;
    complete(*part, family.untold_vision, *part);
  }
  if (part->kind != Node::Kind::map) return;
  const std::string_view own = text_of(*part, "model_type");
  complete(*part, defaults_of(own.empty() ? family.vision_type : own), *part);
}

Node* find_text(Node& config) {
  for (const std::string_view key : kTextConfigs) {
    for (Node& child : config.children) {
      if (child.key == key && child.kind == Node::Kind::map) return &child;
    }
  }
  return nullptr;
}

}  // namespace

std::string_view synonyms_of(std::string_view key) {
  const auto found =
      std::ranges::find_if(kSynonyms, [&](std::string_view row) { return has_word(row, key); });
  return found == kSynonyms.end() ? key : *found;
}

void add_class_defaults(Node& config) {
  if (config.kind != Node::Kind::map) return;
  const std::string type(text_of(config, "model_type"));
  const Family* const family = find_family(type);
  const std::string of_text(family ? family->text : std::string_view{});
  if (Node* const text = find_text(config)) {
    const std::string own(text_of(*text, "model_type"));
    complete(*text, defaults_of(own.empty() ? of_text : own), config);
  } else if (!of_text.empty() && config.find("hidden_size")) {  // without a part of its own
    complete(config, defaults_of(of_text), config);
  }
  complete(config, defaults_of(type), config);
  if (family) complete_vision(config, *family);
}

}  // namespace blis
