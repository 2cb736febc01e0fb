#include "scenarios/models/storage_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include "scenarios/models/matrix_names.h"

namespace blis {
namespace {

// What an operation multiplies with, if that can be quantized.
struct Matrices {
  std::string operation;
  WeightRole role = WeightRole::attention;
  bool routed = false;
  double elements = 0;
};

std::vector<Matrices> matrices_of(const LayerHalf& half) {
  std::vector<Matrices> all;
  const LayerPart part = half.part({});
  for (const Operation& operation : part.operations) {
    if (const auto* product = std::get_if<Product>(&operation.work)) {
      if (product->role == WeightRole::router || product->role == WeightRole::copy) continue;
      all.push_back({operation.name, product->role, false, product->elements()});
    } else if (const auto* routed = std::get_if<RoutedExperts>(&operation.work)) {
      all.push_back({operation.name, WeightRole::dense_mlp, true, elements_of(*routed)});
    }
  }
  for (const Product& product : part.stored) {
    all.push_back({std::string(kStoredBeside), product.role, false, product.elements()});
  }
  return all;
}

// The first rule that covers a module; a rule covers all that it covers, decided already or not, so that its
// entries count as used.
const StorageRule* find_rule(std::vector<StorageRule>& rules, std::string_view module) {
  const StorageRule* first = nullptr;
  for (StorageRule& rule : rules) {
    if (rule.names.covers(module) && !first) first = &rule;
  }
  return first;
}

// The stems that the entries use; patterns may mean any.
std::vector<std::string_view> stems_in(const std::vector<StorageRule>& rules) {
  std::vector<std::string_view> used;
  for (const std::string_view stem : layer_stems()) {
    const auto begins = [&](const std::string& entry) {
      return entry == stem || entry.starts_with(std::string(stem) + ".");
    };
    if (std::ranges::any_of(rules, [&](const StorageRule& rule) {
          return std::ranges::any_of(rule.names.unused(), begins);
        })) {
      used.push_back(stem);
    }
  }
  if (used.empty()) used = {layer_stems().front()};
  return used;
}

// Whether an entry names what is never quantized here: embeddings, norms, routers, towers, layers beyond the
// last.
bool names_native_part(std::string_view name, int layers) {
  constexpr std::string_view kLayers = "layers.";
  if (const std::size_t at = name.find(kLayers); at != std::string_view::npos) {
    int layer = -1;
    std::from_chars(name.data() + at + kLayers.size(), name.data() + name.size(), layer);
    if (layer >= layers) return true;
  }
  const auto has = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
  constexpr std::array<std::string_view, 7> kTowers{
      "vision", "visual", "multi_modal_projector", "mtp", "patch_merge", "mm_projector", "audio"};
  constexpr std::array<std::string_view, 4> kSmall{"conv1d", "indexers_proj", "weights_proj",
                                                   "shared_expert_gate"};
  if (std::ranges::any_of(kTowers, has) || std::ranges::any_of(kSmall, has)) return true;
  if (has("_proj")) return false;
  constexpr std::array<std::string_view, 5> kNative{"lm_head", "norm", "router", "embed",
                                                    "e_score_correction_bias"};
  if (has("gate") && !has("attn")) return true;  // of experts
  return std::ranges::any_of(kNative, has);
}

// A model's layers, each with the storage of its matrices.
class Storing {
 public:
  Storing(const LayerList& layers, StorageRules& rules) : rules_(rules), stems_(stems_in(rules.rules)) {
    int layer = 0;
    for (const LayerRun& run : layers.runs()) {
      for (int i = 0; i < run.count; ++i, ++layer) {
        layers_.push_back({store(run.mixer, layer), store(run.channel, layer)});
      }
    }
  }

  // Matrices that are fused, but stored in different ways: the first, as "layer 3's qkv".
  const std::string& torn() const { return torn_; }

  // The storage of most elements, of those that are quantized.
  std::optional<Storage> most() const {
    std::optional<Storage> most;
    double elements = 0;
    for (const auto& [storage, of_it] : elements_) {
      if (storage.format == WeightFormat::native || of_it <= elements) continue;
      elements = of_it;
      most = storage;
    }
    return most;
  }

  // Whether anything of this role is quantized.
  bool any_quantized(WeightRole role) const { return quantized_.contains({role, false}); }
  bool any_experts_quantized() const { return quantized_.contains({WeightRole::dense_mlp, true}); }
  bool has_dense() const {
    return there_.contains({WeightRole::dense_mlp, false}) || there_.contains({WeightRole::shared, false});
  }

  // Whether layers() had such matrices.
  bool any_otherwise() const { return !wrapped_.empty(); }
  // The layers, in which matrices say how they are stored where `q` does not say the same.
  LayerList layers(const Quantization& q) {
    LayerList list;
    for (const auto& [mixer, channel] : layers_) list.add(wrapped(mixer, q), wrapped(channel, q));
    return list;
  }

 private:
  using Role = std::pair<WeightRole, bool>;  // and whether it is a routed expert's
  struct StoredHalf {
    Half half;
    std::vector<std::pair<const Matrices*, Storage>> matrices;
  };
  struct KnownHalf {
    std::vector<Matrices> matrices;
    std::vector<FusedMatrices> names;
  };

  const KnownHalf& known(const Half& half) {
    const auto [at, is_new] = known_.try_emplace(half.get());
    if (is_new) {
      at->second.matrices = matrices_of(*half);
      for (const Matrices& m : at->second.matrices) {
        at->second.names.push_back(matrix_names(half->kind(), m.operation));
      }
    }
    return at->second;
  }

  StoredHalf store(const Half& half, int layer) {
    if (!half) return {};
    StoredHalf stored{half, {}};
    const KnownHalf& of = known(half);
    for (std::size_t i = 0; i < of.matrices.size(); ++i) {
      const Matrices& m = of.matrices[i];
      const Storage storage = storage_of_fused(of.names[i], layer, m.operation);
      stored.matrices.emplace_back(&m, storage);
      add(storage, m.elements);
      there_.insert({m.role, m.routed});
      if (storage.format != WeightFormat::native) quantized_.insert({m.role, m.routed});
    }
    return stored;
  }

  Storage storage_of_fused(const FusedMatrices& fused, int layer, const std::string& operation) {
    std::optional<Storage> all;
    for (const std::vector<std::string>& spellings : fused) {
      const StorageRule* rule = nullptr;
      for (const std::string_view stem : stems_) {
        for (const std::string& name : spellings) {
          const StorageRule* const found =
              find_rule(rules_.rules, fmt::format("{}.{}.{}", stem, layer, name));
          if (!rule) rule = found;
        }
      }
      const Storage storage = rule ? rule->storage : rules_.otherwise;
      if (all && *all != storage && torn_.empty()) torn_ = fmt::format("layer {}'s {}", layer, operation);
      if (!all) all = storage;
    }
    return all.value_or(rules_.otherwise);
  }

  void add(const Storage& storage, double elements) {
    const auto found = std::ranges::find(elements_, storage, [](const auto& pair) { return pair.first; });
    (found != elements_.end() ? *found : elements_.emplace_back(storage, 0.0)).second += elements;
  }

  Half wrapped(const StoredHalf& stored, const Quantization& q) {
    std::vector<StoredMatrix> otherwise;
    for (const auto& [matrices, storage] : stored.matrices) {
      const bool quantized = matrices->routed                          ? q.experts
                             : matrices->role == WeightRole::attention ? q.attention
                                                                       : q.dense_mlp;
      if (storage != storage_of(q, quantized)) otherwise.push_back({matrices->operation, storage});
    }
    if (otherwise.empty()) return stored.half;
    for (const auto& [half, as, made] : wrapped_) {
      if (half == stored.half && as == otherwise) return made;
    }
    return std::get<2>(wrapped_.emplace_back(stored.half, otherwise, stored_as(stored.half, otherwise)));
  }

  StorageRules& rules_;
  std::vector<std::string_view> stems_;
  std::map<const LayerHalf*, KnownHalf> known_;
  std::vector<std::pair<StoredHalf, StoredHalf>> layers_;
  std::vector<std::pair<Storage, double>> elements_;
  std::set<Role> there_, quantized_;
  std::vector<std::tuple<Half, std::vector<StoredMatrix>, Half>> wrapped_;
  std::string torn_;
};

// What no layer of the model has.
void report_unused(const StorageRules& rules, Section& section, const ModelFacts& model, Findings& findings) {
  for (const StorageRule& rule : rules.rules) {
    const Node* const node = section.node(rule.key);
    const bool is_list = node && node->kind == Node::Kind::list;
    for (const std::string& name : rule.names.unused()) {
      if (names_native_part(name, model.layers)) {
        std::string entry = name;
        if (is_list) {
          entry =
              std::to_string(std::ranges::find(node->children, name, &Node::text) - node->children.begin());
        }
        findings.moot.push_back(fmt::format("{}.{}", section.path(rule.key), entry));
        continue;
      }
      findings.not_modelled.push_back(section.placed(
          rule.key, {.message = fmt::format("`{}` names `{}`, which is no part that is known",
                                            section.path(rule.key), name),
                     .expected = "a matrix of a layer, by the name that its checkpoint gives it",
                     .got = name}));
    }
  }
}

}  // namespace

void store_matrices(ModelFacts& model, Quantization& q, StorageRules rules, Section& section,
                    Findings& findings) {
  if (rules.rules.empty()) return;
  Storing storing(layer_list(model), rules);
  if (rules.otherwise.format == WeightFormat::native) set_storage(q, storing.most().value_or(Storage{}));
  q.attention = storing.any_quantized(WeightRole::attention);
  q.experts = storing.any_experts_quantized();
  // Of a model without dense MLPs nothing is said.
  q.dense_mlp = !storing.has_dense() || storing.any_quantized(WeightRole::dense_mlp) ||
                storing.any_quantized(WeightRole::shared);
  if (!model.moe) q.experts = true;
  LayerList layers = storing.layers(q);
  if (storing.any_otherwise()) model.own_layers = std::move(layers);
  if (const StorageRule* const rule = find_rule(rules.rules, "lm_head")) {
    q.lm_head = rule->storage.format != WeightFormat::native;
    if (q.lm_head && rule->storage != storage_of(q, true)) q.lm_head_as = rule->storage;
  }
  if (!storing.torn().empty()) {
    const std::string& key = rules.rules.front().key;
    findings.not_modelled.push_back(section.placed(
        key, {.message = fmt::format("`{}` stores the matrices of {}, which vLLM fuses, in different ways",
                                     section.path(key), storing.torn()),
              .expected = "one way for all of them"}));
  }
  report_unused(rules, section, model, findings);
}

}  // namespace blis
