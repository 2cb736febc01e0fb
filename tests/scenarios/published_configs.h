// Configs of published models that are taken apart, and the figures that follow from what is left.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "roofline/model_card.h"
#include "scenarios/catalog.h"

namespace blis {

using ConfigJson = nlohmann::ordered_json;
namespace fs = std::filesystem;

// What is alike in all layers of a kind, as operations and caches have it.
inline std::string parts_of(const LayerList& layers) {
  std::string text;
  for (const auto& [half, count] : layers.halves()) {
    const LayerPart part = half->part({});
    text += fmt::format("{} {} ({}, share {}):", count, half->kind(), half->says(), half->used_share());
    for (const AttentionCore& core : part.cores) {
      text += fmt::format(" {} heads {} x {} back {}", core.shape.heads, core.shape.kv_heads,
                          core.shape.qk_dim, core.reach.tokens);
    }
    for (const LayerCache& cache : part.caches) text += fmt::format(" caches {}", cache.elements_per_token);
    if (part.state) {
      text += fmt::format(" keeps {} bytes for {} and {} FLOPs, {} small elements", part.state->bytes,
                          part.state->flops_per_decode_token, part.state->flops_per_prefill_token,
                          part.small_elements);
    }
    text += ";";
  }
  for (const LayerRun& run : layers.runs()) {  // the order
    text += fmt::format(" {} x {}", run.count, run.mixer ? run.mixer->kind() : "none");
  }
  return text;
}

// Everything that pricing and memory follow from.
inline std::string figures_of(const ModelConfig& m) {
  const ModelCard card = model_card(m);
  const Quantization& q = m.quantization;
  return fmt::format(
      "{:.0f} total, {:.0f} active, {:.0f} vision, {:.0f} weight bytes in {}, {} and {} KV bytes, longest {} "
      "of "
      "{}, {} {} {} {}, notes {}; {}",
      card.total_params, card.active_params, card.vision_params, card.weights_bytes, card.precision,
      card.kv_bytes_per_token, card.kv_bytes_per_token_windowed, card.max_model_len, card.longest,
      to_string(q.format), q.activation_bits, q.attention, q.fp8_kv_cache, card.remarks.size(),
      parts_of(m.layers));
}

// Python writes Infinity into configs, which nlohmann/json does not read; as text it stays what it is to us.
inline ConfigJson json_of(const fs::path& path) {
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return ConfigJson::parse(std::regex_replace(text, std::regex(R"(([\[:,]\s*)Infinity)"), "$1\"Infinity\""));
}

// A value somewhere in a config, and its dotted path.
struct Leaf {
  ConfigJson* value;
  std::string path;
};
inline void collect(ConfigJson& node, const std::string& path, std::vector<Leaf>& leaves) {
  if (node.is_object() || node.is_array()) {
    std::size_t index = 0;
    for (auto& [key, child] : node.items()) {
      const std::string name = node.is_array() ? std::to_string(index++) : key;
      collect(child, path.empty() ? name : path + "." + name, leaves);
    }
  } else if (!node.is_null()) {
    leaves.push_back({&node, path});
  }
}

inline std::vector<fs::path> folders_of(const fs::path& models) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(models)) {
    if (fs::exists(entry.path() / "config.json")) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

// Those of the models in a folder that are read.
inline std::vector<fs::path> supported_models(const fs::path& folder) {
  std::vector<fs::path> paths = folders_of(folder);
  std::erase_if(paths, [](const fs::path& path) {
    try {
      read_model_config(path.string());
      return false;
    } catch (const InputError&) {
      return true;
    }
  });
  return paths;
}

}  // namespace blis
