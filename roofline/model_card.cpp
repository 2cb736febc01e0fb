#include "roofline/model_card.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <variant>

#include "roofline/kinds.h"
#include "roofline/kv_capacity.h"

namespace blis {
namespace {

// As configs and papers call it.
std::string card_name(std::string_view kind) {
  return kind == "latent" ? "mla" : std::string(kind);
}

// "gated_mlp" in words; experts say how many they are.
std::string channel_name(const Half& half) {
  if (!half) return "no MLP";
  const auto row = std::ranges::find(layer_kinds(), half->kind(), &LayerKind::name);
  const std::string said = half->says();
  return said == half->kind() && row != layer_kinds().end() ? std::string(row->what) : said;
}

void count(std::vector<CardLayers>& kinds, std::string kind, int layers) {
  const auto found = std::ranges::find(kinds, kind, &CardLayers::kind);
  if (found == kinds.end()) {
    kinds.push_back({std::move(kind), layers});
  } else {
    found->count += layers;
  }
}

// All of the layer's attention.
bool looks_back_a_limited_way(const LayerPart& part) {
  const auto limited = [](Reach::Kind kind) {
    return kind == Reach::Kind::window || kind == Reach::Kind::chunk;
  };
  return std::ranges::all_of(part.cores, [&](const AttentionCore& core) { return limited(core.reach.kind); });
}

void add_caches(ModelCard& card, const ModelConfig& model) {
  card.kv_dtype_bytes = kv_dtype_bytes(model);
  for (const auto& [half, layers] : model.layers.halves()) {
    const LayerPart part = half->part({});
    double& bytes =
        looks_back_a_limited_way(part) ? card.kv_bytes_per_token_windowed : card.kv_bytes_per_token;
    for (const LayerCache& cache : part.caches) {
      if (cache.own_block > 0 && cache.window > 0) continue;  // a fixed number of blocks of any sequence
      bytes += layers * (cache.elements_per_token * card.kv_dtype_bytes + cache.fixed_bytes);
    }
  }
}

// The operations whose matrices are not stored like the others of their roles, by how they are; of some, in
// some layers only.
std::map<WeightFormat, std::vector<std::string>> stored_otherwise(const ModelConfig& model) {
  std::map<WeightFormat, std::vector<std::string>> by_format;
  const auto add = [&](const std::optional<Storage>& stored, const std::string& operation) {
    if (!stored) return;
    std::vector<std::string>& known = by_format[stored->format];
    if (std::ranges::find(known, operation) == known.end()) known.push_back(operation);
  };
  for (const auto& [half, layers] : model.layers.halves()) {
    const LayerPart part = half->part({});
    for (const Operation& operation : part.operations) {
      if (const auto* product = std::get_if<Product>(&operation.work)) add(product->stored, operation.name);
      if (const auto* routed = std::get_if<RoutedExperts>(&operation.work))
        add(routed->stored, operation.name);
    }
    for (const Product& product : part.stored) add(product.stored, std::string(kStoredBeside));
  }
  return by_format;
}

std::string precision_of(const ModelConfig& model) {
  const std::string native = fmt::format("{:g}-bit", 8 * model.dtype_bytes);
  const Quantization& q = model.quantization;
  if (q.format == WeightFormat::native) return native;
  std::string kept;
  const auto keep = [&](bool quantized, bool there, std::string_view part) {
    if (quantized || !there) return;
    kept += fmt::format("{}{}", kept.empty() ? "" : ", ", part);
  };
  const ParameterCount n = count_parameters(model);
  keep(q.attention, n.attention > 0, "attention");
  keep(q.dense_mlp, n.dense_mlp + n.shared > 0, "MLPs");
  keep(q.experts, n.experts > 0, "experts");
  keep(q.lm_head, n.head > 0, "head");
  std::string text = fmt::format("{} ({})", q.method, to_string(q.format));
  if (!kept.empty()) text += fmt::format("; {} in {}", kept, native);
  for (const auto& [format, operations] : stored_otherwise(model)) {
    text += fmt::format("; {} in {}", fmt::join(operations, ", "),
                        format == WeightFormat::native ? native : std::string(to_string(format)));
  }
  if (q.lm_head && q.lm_head_as) text += fmt::format("; head in {}", to_string(q.lm_head_as->format));
  return text;
}

std::string in_words(const std::vector<CardLayers>& kinds) {
  std::string text;
  for (const CardLayers& kind : kinds) {
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ",
                        kinds.size() > 1 ? fmt::format("{} x ", kind.count) : "", kind.kind);
  }
  return text;
}

}  // namespace

ModelCard model_card(const ModelConfig& read) {
  constexpr double kSingle = 4, kHalf = 2;
  ModelConfig model = read;
  if (model.dtype_bytes == kSingle) model.dtype_bytes = kHalf;
  ModelCard card;
  card.name = model.name;
  card.model_type = model.model_type;
  card.served_by = model.served_by;
  card.supported = model.not_modelled.empty();
  card.not_modelled = model.not_modelled;
  card.remarks = model.remarks;
  card.layer_count = model.layers.count();
  // Where every layer is either a mixer or an MLP (Nemotron-H), neither lacks anything.
  const bool one_half_each = std::ranges::all_of(model.layers.runs(), [](const LayerRun& run) {
    return (run.mixer != nullptr) != (run.channel != nullptr);
  });
  for (const LayerRun& run : model.layers.runs()) {
    if (run.mixer) {
      for (const std::string_view kind : run.mixer->kinds()) count(card.layers, card_name(kind), run.count);
    } else if (!one_half_each) {
      count(card.layers, "none", run.count);
    }
    if (run.channel || !one_half_each) count(card.channels, channel_name(run.channel), run.count);
  }
  card.total_params = count_parameters(model).total();
  card.active_params = active_parameters(model);
  card.vision_params = model.vision_elements;
  card.audio_params = model.audio_elements;
  card.weights_bytes = weight_bytes_on_gpu(model, {}, pipeline_stages(model, 1).front());
  card.precision = precision_of(model);
  add_caches(card, model);
  card.state_bytes_per_sequence = state_bytes_per_sequence(model, 1);
  card.longest = model.max_position_embeddings;
  card.max_model_len = model.default_max_model_len > 0 ? model.default_max_model_len : card.longest;
  card.max_model_len_from = model.max_model_len_from;
  return card;
}

ModelCard unreadable_card(std::string name, std::vector<std::string> not_modelled) {
  ModelCard card;
  card.name = std::move(name);
  card.supported = card.has_figures = false;
  card.not_modelled = std::move(not_modelled);
  return card;
}

std::string card_line(const ModelCard& card) {
  if (!card.has_figures) return fmt::format("{}: not modelled", card.name);
  const std::string channels = in_words(card.channels);
  std::string line =
      fmt::format("{}: {} layers ({}{}{}), {:.4g} B parameters", card.name, card.layer_count,
                  in_words(card.layers), channels.empty() ? "" : "; ", channels, card.total_params / 1e9);
  if (card.active_params < card.total_params - card.vision_params) {
    line += fmt::format(" ({:.4g} B active)", card.active_params / 1e9);
  }
  line += fmt::format(", {:.4g} GiB in {}", card.weights_bytes / kGiB, card.precision);
  if (!card.supported) line += ", parts left out";
  return line;
}

}  // namespace blis
