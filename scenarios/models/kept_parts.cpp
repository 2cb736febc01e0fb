#include "scenarios/models/kept_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <regex>
#include <set>
#include <span>

namespace blis {
namespace {

constexpr double kTolerance = 0.02;  // of a part's bytes

// A list's entries, each in the form in which it is fast to ask.
class NameList {
 public:
  explicit NameList(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (name.starts_with("re:")) {
        add_pattern(name, name.substr(3));
      } else if (name.find('*') != std::string::npos) {
        add_pattern(name, as_regex(name));
      } else {
        plain_.insert(name);
      }
    }
  }

  // Whether an entry covers the module: its name, that of a module around it, one of its parts, a pattern.
  bool covers(std::string_view module) {
    bool found = false;
    for (std::size_t end = module.find('.'); end != std::string_view::npos; end = module.find('.', end + 1)) {
      found = take(module.substr(0, end)) || found;
    }
    found = take(module) || found;
    for (std::size_t begin = 0; begin < module.size();) {
      const std::size_t end = std::min(module.find('.', begin), module.size());
      found = take(module.substr(begin, end - begin)) || found;
      begin = end + 1;
    }
    for (Pattern& pattern : patterns_) {
      if (!std::regex_search(module.begin(), module.end(), pattern.regex,
                             std::regex_constants::match_continuous))
        continue;
      pattern.used = found = true;
    }
    return found;
  }

  // Entries that covered nothing so far, and those that are no patterns at all.
  std::vector<std::string> unused() const {
    std::vector<std::string> result = broken_;
    std::ranges::set_difference(plain_, used_, std::back_inserter(result));
    for (const Pattern& pattern : patterns_) {
      if (!pattern.used) result.push_back(pattern.name);
    }
    return result;
  }

 private:
  struct Pattern {
    std::string name;
    std::regex regex;
    bool used = false;
  };

  static std::string as_regex(std::string_view glob) {
    std::string regex;
    for (const char c : glob) {
      if (c == '*') {
        regex += ".*";
      } else if (std::string_view("\\^$.|?+()[]{}").find(c) != std::string_view::npos) {
        regex += {'\\', c};
      } else {
        regex += c;
      }
    }
    return regex + "$";
  }
  void add_pattern(const std::string& name, const std::string& regex) {
    try {
      patterns_.push_back({name, std::regex(regex, std::regex::optimize)});
    } catch (const std::regex_error&) {
      broken_.push_back(name);
    }
  }
  bool take(std::string_view name) {
    const auto found = plain_.find(name);
    if (found == plain_.end()) return false;
    used_.insert(*found);
    return true;
  }

  std::set<std::string, std::less<>> plain_, used_;
  std::vector<Pattern> patterns_;
  std::vector<std::string> broken_;
};

// How checkpoints call the layers, and the matrices of a part within; of each group of spellings one is used.
constexpr std::array<std::string_view, 3> kLayerNames{"model.layers", "language_model.model.layers",
                                                      "model.language_model.layers"};
using Spellings = std::span<const std::string_view>;
constexpr std::array<std::string_view, 2> kQuery{"self_attn.q_proj", "self_attn.qkv_proj"};
constexpr std::array<std::string_view, 2> kKey{"self_attn.k_proj", "self_attn.qkv_proj"};
constexpr std::array<std::string_view, 2> kValue{"self_attn.v_proj", "self_attn.qkv_proj"};
constexpr std::array<std::string_view, 1> kOut{"self_attn.o_proj"};
constexpr std::array<std::string_view, 1> kQueryDown{"self_attn.q_a_proj"}, kQueryUp{"self_attn.q_b_proj"},
    kLatentDown{"self_attn.kv_a_proj_with_mqa"}, kLatentUp{"self_attn.kv_b_proj"};
constexpr std::array<std::string_view, 4> kGate{"mlp.gate_proj", "mlp.gate_up_proj", "feed_forward.gate_proj",
                                                "mlp.up_proj"};
constexpr std::array<std::string_view, 2> kDown{"mlp.down_proj", "feed_forward.down_proj"};
constexpr std::array<std::string_view, 5> kExpertUp{
    "mlp.experts.0.gate_proj", "mlp.experts.gate_up_proj", "block_sparse_moe.experts.0.w1",
    "feed_forward.experts.gate_up_proj", "feed_forward.experts.0.gate_proj"};
constexpr std::array<std::string_view, 5> kExpertDown{
    "mlp.experts.0.down_proj", "mlp.experts.down_proj", "block_sparse_moe.experts.0.w2",
    "feed_forward.experts.down_proj", "feed_forward.experts.0.down_proj"};
constexpr std::array<std::string_view, 3> kSharedUp{
    "mlp.shared_experts.gate_proj", "mlp.shared_expert.gate_proj", "feed_forward.shared_expert.gate_proj"};
constexpr std::array<std::string_view, 3> kSharedDown{
    "mlp.shared_experts.down_proj", "mlp.shared_expert.down_proj", "feed_forward.shared_expert.down_proj"};

struct WeightPart {
  std::string_view name;
  std::vector<Spellings> matrices;
  bool (*in_layer)(const ModelFacts& model, int layer);
};

bool in_all(const ModelFacts&, int) {
  return true;
}
bool in_dense(const ModelFacts& model, int layer) {
  return !has_experts(model, layer);
}

std::vector<Spellings> attention_matrices(const ModelFacts& model) {
  if (!model.mla) return {kQuery, kKey, kValue, kOut};
  if (model.mla->q_lora_rank == 0) return {kQuery, kLatentDown, kLatentUp, kOut};
  return {kQueryDown, kQueryUp, kLatentDown, kLatentUp, kOut};
}

// Where a part is kept.
struct Kept {
  int layers = 0;  // that have the part
  int whole = 0, partly = 0;
};

Kept find_kept(NameList& names, const WeightPart& part, const ModelFacts& model) {
  Kept kept;
  for (int layer = 0; layer < model.layers; ++layer) {
    if (!part.in_layer(model, layer)) continue;
    ++kept.layers;
    std::size_t covered = 0;
    for (const Spellings spellings : part.matrices) {
      bool any = false;
      for (const std::string_view stem : kLayerNames) {
        for (const std::string_view matrix : spellings) {
          any = names.covers(fmt::format("{}.{}.{}", stem, layer, matrix)) || any;
        }
      }
      covered += any ? 1 : 0;
    }
    kept.whole += covered == part.matrices.size() ? 1 : 0;
    kept.partly += covered > 0 && covered < part.matrices.size() ? 1 : 0;
  }
  return kept;
}

// Whether all of the part is quantized; nothing if that is neither true nor false, even nearly.
std::optional<bool> is_quantized(const Kept& kept, double bits) {
  constexpr double kNativeBits = 16;
  if (kept.partly > 0) return std::nullopt;
  if (kept.layers == 0) return true;
  const double share = static_cast<double>(kept.whole) / kept.layers;
  if (share * (kNativeBits / bits - 1) < kTolerance) return true;
  if ((1 - share) * (1 - bits / kNativeBits) < kTolerance) return false;
  return std::nullopt;
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
  constexpr std::array<std::string_view, 5> kTowers{"vision", "visual", "multi_modal_projector",
                                                    "patch_merger", "mtp"};
  if (std::ranges::any_of(kTowers, has)) return true;
  if (has("_proj")) return false;
  constexpr std::array<std::string_view, 5> kNative{"lm_head", "norm", "router", "embed",
                                                    "e_score_correction_bias"};
  constexpr std::array<std::string_view, 4> kGates{"gate", "gate*", "gate$", "gate.weight"};
  return std::ranges::any_of(kNative, has) ||
         std::ranges::any_of(kGates, [&](std::string_view end) { return name.ends_with(end); });
}

}  // namespace

void keep_parts(Quantization& q, const std::vector<std::string>& entries, const Section& section,
                std::string_view key, const ModelFacts& model, Findings& findings) {
  if (entries.empty()) return;
  const auto finding = [&](std::string message, std::string got) {
    findings.not_modelled.push_back(section.placed(
        key, {.message = std::move(message),
              .expected = "a part (attention, MLPs, experts) that is quantized in all layers or in none",
              .got = std::move(got)}));
  };
  NameList names(entries);
  const double bits = bits_per_weight(q.format, model.dtype_bytes, q.group_size, q.zero_points);
  // The part's flag in `q`, if one answer is right for it.
  const auto keep = [&](const WeightPart& part, bool& quantized) {
    const Kept kept = find_kept(names, part, model);
    if (kept.layers == 0) return;
    if (const auto all = is_quantized(kept, bits)) {
      quantized = *all;
    } else if (kept.partly > 0) {
      finding(fmt::format("`{}` keeps only some matrices of {} in 16 bits", section.path(key), part.name),
              fmt::format("some of its matrices in {} of {} layers", kept.partly, kept.layers));
    } else {
      finding(fmt::format("`{}` keeps {} in 16 bits in some layers only", section.path(key), part.name),
              fmt::format("{} of {} layers", kept.whole, kept.layers));
    }
  };
  keep({"attention", attention_matrices(model), in_all}, q.attention);
  bool dense = true, shared = true;
  keep({"the MLPs", {kGate, kDown}, in_dense}, dense);
  if (model.moe) keep({"the experts", {kExpertUp, kExpertDown}, has_experts}, q.experts);
  if (model.moe && model.moe->shared_ffn > 0) {
    keep({"the shared experts", {kSharedUp, kSharedDown}, has_experts}, shared);
    const bool any_dense = has_experts(model, 0) == false;
    if (!any_dense) dense = shared;
    if (dense != shared) finding("dense layers and shared experts are not quantized alike", "");
  }
  q.dense_mlp = q.dense_mlp && dense;
  q.lm_head = q.lm_head && !names.covers("lm_head");
  for (const std::string& name : names.unused()) {
    if (names_native_part(name, model.layers)) {
      const auto index = std::ranges::find(entries, name) - entries.begin();
      findings.moot.push_back(fmt::format("{}.{}", section.path(key), index));
      continue;
    }
    finding(fmt::format("`{}` names `{}`, which is no part that is known", section.path(key), name), name);
  }
}

}  // namespace blis
