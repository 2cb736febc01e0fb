#include "scenarios/catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "problems.h"
#include "scenarios/data_folder.h"
#include "temp_folder.h"

namespace blis {
namespace {

constexpr const char* kTinyModel =
    R"({"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "vocab_size": 100,
        "intermediate_size": 256})";
const Place kPlace{"chat.yaml", 2, 8};

const Catalog& shipped() {
  static const Catalog catalog(BLIS_SOURCE_DIR);
  return catalog;
}

TEST(Catalog, FindsAModelWhateverItsOrganisationAndCase) {
  for (const char* const name :
       {"meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b-instruct", "LLAMA-3.1-8B-INSTRUCT",
        "unsloth/llama-3.1-8b-Instruct", "model_configs/llama-3.1-8b-instruct"}) {
    EXPECT_EQ(shipped().model(name, "", kPlace).name, "llama-3.1-8b-instruct") << name;
  }
}

TEST(Catalog, FindsFoldersOfAnyCase) {
  const TempFolder folder;
  folder.write("model_configs/My-Model/config.json", kTinyModel);
  EXPECT_EQ(Catalog(folder.path()).model("org/my-model", "", kPlace).name, "My-Model");
}

TEST(Catalog, TakesPathsFromTheScenariosFolder) {
  const TempFolder folder;
  folder.write("models/tiny/config.json", kTinyModel);
  for (const char* const name :
       {"./models/tiny", "models/tiny/config.json", "models/tiny", "../models/tiny"}) {
    const std::string from = name[1] == '.' ? folder.path("models") : folder.path();
    EXPECT_EQ(shipped().model(name, from, kPlace).name, "tiny") << name;
  }
  EXPECT_EQ(shipped().model(folder.path("models/tiny"), "", kPlace).name, "tiny");
}

TEST(Catalog, AnUnknownModelGetsTheNearestNamesAndWhatToDo) {
  const TempFolder folder;
  folder.write("model_configs/llama-3.1-8b/config.json", kTinyModel);
  EXPECT_EQ(said_by([&] { Catalog(folder.path()).model("meta-llama/Llama-3.1-9B", "", kPlace); }).all,
            "chat.yaml:2:8: unknown model `meta-llama/Llama-3.1-9B`\n"
            "  expected: a Hugging Face id, a folder of model_configs/ (see `blis list models`), or a path\n"
            "  got:      meta-llama/Llama-3.1-9B\n"
            "  hint:     did you mean `llama-3.1-8b`?\n"
            "            `hf download meta-llama/Llama-3.1-9B config.json` fetches its config, which is then "
            "found by "
            "itself");
  EXPECT_NE(said_by([&] {
              Catalog(folder.path()).model("llama-3.1-9b", "", kPlace);
            }).all.find("or drop its config.json into " + folder.path("model_configs/llama-3.1-9b/")),
            std::string::npos);
}

TEST(Catalog, EveryShippedModelIsReadableUnlessItsKindOfLayerIsMissing) {
  const std::vector<std::string> names = shipped().model_names();
  const std::vector<IndexedModel> index = shipped().model_index();
  EXPECT_GE(names.size(), 120u);
  for (const std::string& name : names) {
    const IndexedModel* const known = find_indexed(index, name);
    ASSERT_NE(known, nullptr) << name;
    if (!known->waits_for.empty()) {
      EXPECT_EQ(said_by([&] { shipped().model(name, "", kPlace); }).kind, ErrorKind::not_modelled) << name;
    } else {
      const ModelConfig model = shipped().model(name, "", kPlace);
      EXPECT_GT(std::max(model.max_position_embeddings, model.default_max_model_len), 0) << name;
      EXPECT_GT(model.vocab, 0) << name;
    }
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    EXPECT_EQ(name, lower) << "folders are named in lower case";
  }
}

class DataFolder : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv("BLIS_DATA"); }
  void TearDown() override { ::unsetenv("BLIS_DATA"); }
};

TEST_F(DataFolder, TheFlagComesBeforeTheEnvironmentAndBothAreFinal) {
  const TempFolder flag, variable;
  flag.write("hardware_config.json", "{}");
  variable.write("hardware_config.json", "{}");
  ::setenv("BLIS_DATA", variable.path().c_str(), 1);
  EXPECT_EQ(find_data_folder(flag.path()), flag.path());
  EXPECT_EQ(find_data_folder(std::nullopt), variable.path());
  const TempFolder empty;
  ::setenv("BLIS_DATA", empty.path().c_str(), 1);
  EXPECT_EQ(said_by([] { find_data_folder(std::nullopt); }).kind, ErrorKind::usage);
  EXPECT_NE(said_by([&] { find_data_folder(empty.path()); }).all.find("none in " + empty.path()),
            std::string::npos);
}

TEST_F(DataFolder, TheSourceTreeIsFoundWithoutBeingTold) {
  EXPECT_NO_THROW(Catalog(find_data_folder(std::nullopt)).hardware("H100", kPlace));
}

}  // namespace
}  // namespace blis
