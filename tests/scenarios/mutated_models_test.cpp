// Nothing unknown passes: whatever is changed in a model's config is priced, refused, or known to decide
// nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>

#include "problems.h"
#include "roofline/model_card.h"
#include "scenarios/catalog.h"
#include "temp_folder.h"

namespace blis {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

// What is alike in all layers of a kind, as operations and caches have it.
std::string parts_of(const LayerList& layers) {
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
std::string figures_of(const ModelConfig& m) {
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
Json json_of(const fs::path& path) {
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return Json::parse(std::regex_replace(text, std::regex(R"(([\[:,]\s*)Infinity)"), "$1\"Infinity\""));
}

// A value somewhere in a config, and its dotted path.
struct Leaf {
  Json* value;
  std::string path;
};
void collect(Json& node, const std::string& path, std::vector<Leaf>& leaves) {
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

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  // Another value of the same type.
  void change(Json& value) {
    if (value.is_boolean()) {
      value = !value.get<bool>();
    } else if (value.is_number_integer()) {
      const auto old = value.get<std::int64_t>();
      const std::int64_t others[] = {old + 1, old - 1, old * 2, old * 7 + 3, 0, old / 2};
      const std::int64_t other = others[below(std::size(others))];
      value = other == old ? old + 1 : other;
    } else if (value.is_number()) {
      value = value.get<double>() * (below(2) ? 1.5 : 4.0) + 1;
    } else {
      value = value.get<std::string>() + "x";
    }
  }

 private:
  std::mt19937_64 random_;
};

bool is_moot(const std::vector<std::string>& moot, const std::string& path) {
  return std::ranges::any_of(
      moot, [&](const std::string& known) { return path == known || path.starts_with(known + "."); });
}

// Widths are computed from these and rounded up, so a small change of them may change nothing.
bool is_rounded_away(const Leaf& leaf) {
  constexpr std::array<std::string_view, 2> kRounded{"block_ff_dim", "block_multiple_of"};
  return std::ranges::any_of(kRounded, [&](std::string_view key) { return leaf.path.ends_with(key); });
}

std::vector<fs::path> supported_models(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    try {
      if (!fs::exists(entry.path() / "config.json")) continue;
      read_model_config(entry.path().string());
      paths.push_back(entry.path());
    } catch (const InputError&) {
    }
  }
  std::ranges::sort(paths);
  return paths;
}

struct Tally {
  int noticed = 0, refused = 0, moot = 0;
};

Tally mutate_models(const std::vector<fs::path>& models, int mutations, std::uint64_t seed) {
  const TempFolder folder;
  Mutator mutator(seed);
  Tally tally;
  std::map<fs::path, std::string> originals;  // without what lies beside the config, as the changed ones
  const auto figures_of_original = [&](const fs::path& model) {
    std::string& figures = originals[model];
    if (figures.empty()) {
      fs::create_directories(folder.path("original"));
      fs::copy_file(model / "config.json", folder.path("original/config.json"),
                    fs::copy_options::overwrite_existing);
      figures = figures_of(read_model_config(folder.path("original")));
    }
    return figures;
  };
  for (int i = 0; i < mutations; ++i) {
    const fs::path& model = models[mutator.below(models.size())];
    Json config = json_of(model / "config.json");
    std::vector<Leaf> leaves;
    collect(config, "", leaves);
    const Leaf& leaf = leaves[mutator.below(leaves.size())];
    const std::string before = leaf.value->dump();
    mutator.change(*leaf.value);
    const std::string path = folder.write("m/config.json", config.dump(1));
    try {
      std::vector<std::string> moot;
      const std::string after = figures_of(read_model_facts(path, {}, &moot));
      const bool noticed = after != figures_of_original(model);
      if (noticed) {
        ++tally.noticed;
      } else if (is_moot(moot, leaf.path) || is_rounded_away(leaf)) {
        ++tally.moot;
      } else {
        ADD_FAILURE() << model.filename() << ": " << leaf.path << " from " << before << " to "
                      << leaf.value->dump() << " changes nothing (seed " << seed << ", mutation " << i << ")";
      }
    } catch (const InputError&) {
      ++tally.refused;
    }
  }
  return tally;
}

void expect_noticed(const fs::path& folder) {
  constexpr int kMutations = 1000;
  constexpr std::uint64_t kSeed = 20260820;
  const Tally tally = mutate_models(supported_models(folder), kMutations, kSeed);
  std::printf("of %d changes %d change a figure, %d are refused, %d decide nothing\n", kMutations,
              tally.noticed, tally.refused, tally.moot);
  EXPECT_GT(tally.noticed, kMutations / 10);
  EXPECT_GT(tally.refused, kMutations / 10);
}

TEST(MutatedModels, OfTheCatalogNeverPassUnnoticed) {
  expect_noticed(BLIS_SOURCE_DIR "/model_configs");
}

TEST(MutatedModels, OfAWiderSetNeverPassUnnoticed) {
  const fs::path folder = BLIS_SOURCE_DIR "/../shared/models/configs";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  expect_noticed(folder);
}

TEST(MutatedModels, AKeyThatNobodyKnowsIsRefusedWhereverItStands) {
  const TempFolder folder;
  for (const fs::path& model : supported_models(BLIS_SOURCE_DIR "/model_configs")) {
    const Json config = json_of(model / "config.json");
    for (const char* const part : {"", "/text_config", "/quantization_config"}) {
      const Json::json_pointer place(part);
      if (!config.contains(place)) continue;
      Json changed = config;
      changed[place]["num_state_heads"] = 4;
      const Said said = said_by([&] { read_model_config(folder.write("m/config.json", changed.dump(1))); });
      EXPECT_EQ(said.kind, ErrorKind::not_modelled) << model;
      EXPECT_NE(said.all.find("num_state_heads"), std::string::npos) << said.all;
    }
  }
}

}  // namespace
}  // namespace blis
