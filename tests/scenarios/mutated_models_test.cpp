// Nothing unknown passes: whatever is changed in a model's config is priced, refused, or known to decide
// nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "problems.h"
#include "published_configs.h"
#include "temp_folder.h"

namespace blis {
namespace {

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  // Another value of the same type.
  void change(ConfigJson& value) {
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
    ConfigJson config = json_of(model / "config.json");
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
    const ConfigJson config = json_of(model / "config.json");
    for (const char* const part : {"", "/text_config", "/quantization_config"}) {
      const ConfigJson::json_pointer place(part);
      if (!config.contains(place)) continue;
      ConfigJson changed = config;
      changed[place]["num_state_heads"] = 4;
      const Said said = said_by([&] { read_model_config(folder.write("m/config.json", changed.dump(1))); });
      EXPECT_EQ(said.kind, ErrorKind::not_modelled) << model;
      EXPECT_NE(said.all.find("num_state_heads"), std::string::npos) << said.all;
    }
  }
}

}  // namespace
}  // namespace blis
