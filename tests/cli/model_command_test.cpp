// The card of a model, through the program.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/cli/run_blis.h"
#include "tools/cli/exit_code.h"

namespace blis {
namespace {

using Json = nlohmann::json;

Json card_of(std::vector<std::string> words) {
  words.insert(words.begin(), "model");
  for (const char* const word : {"--output-format", "json", "--data-dir", BLIS_SOURCE_DIR})
    words.emplace_back(word);
  const Finished finished = run_blis(words);
  EXPECT_EQ(finished.status, 0) << finished.err;
  return Json::parse(finished.out);
}

TEST(ModelCommand, ShowsTheCardOfAModelOfTheCatalog) {
  const Json card = card_of({"llama-3.1-8b-instruct"});
  EXPECT_EQ(card["supported"], true);
  EXPECT_EQ(card["total_params"], 8030261248);
  EXPECT_EQ(card["layers"], (Json{{"full", 32}}));
  EXPECT_EQ(card["kv_bytes_per_token"], 131072);
  EXPECT_EQ(card["max_model_len"], 131072);
  EXPECT_EQ(card["max_model_len_from"], "max_position_embeddings");
  EXPECT_FALSE(card.contains("num_blocks")) << "there is no GPU";
  const Finished text = run_blis({"model", "llama-3.1-8b-instruct", "--data-dir", BLIS_SOURCE_DIR});
  EXPECT_NE(text.out.find(card["summary"].get<std::string>() + "\n"), std::string::npos) << text.out;
}

TEST(ModelCommand, CountsBlocksInAGivenMemory) {
  const Json card = card_of({"gpt-oss-20b", "-tp", "1", "--kv-memory-gib", "40", "--sequence-length", "4k"});
  EXPECT_EQ(card["block_size"], 16);
  EXPECT_EQ(card["num_blocks"], 109226) << "40 GiB in blocks of 12 layers x 32 KiB";
  EXPECT_EQ(card["kv_groups"], 2);
  EXPECT_EQ(card["kv_tokens"], 1551920);
  ASSERT_EQ(card["sequences"].size(), 1u);
  EXPECT_EQ(card["sequences"][0]["tokens"], 4000);
  EXPECT_EQ(card["sequences"][0]["count"], 109225 / 501)
      << "250 blocks of the full layers, 251 of those with a window";
}

TEST(ModelCommand, SaysTheLeastTensorParallelismThatFits) {
  EXPECT_EQ(card_of({"llama-3.1-8b-instruct", "--gpu", "H100"})["least_tensor_parallel_size"], 1);
  const Json large = card_of({"llama-3.1-70b-instruct", "--gpu", "H100", "-tp", "4"});
  EXPECT_GT(large["least_tensor_parallel_size"], 1);
  EXPECT_GT(large["num_blocks"], 0);
  const Json none = card_of({"llama-3.1-70b-instruct", "--gpu", "H100"});
  EXPECT_EQ(none["num_blocks"], 0) << "140 GB of weights on one GPU";
}

TEST(ModelCommand, AnswersForModelsThatAreRefused) {
  const TempFolder folder;
  const Json card =
      card_of({folder.write("bert/config.json", R"({"model_type": "bert", "hidden_size": 768})")});
  EXPECT_EQ(card["name"], "bert");
  EXPECT_EQ(card["supported"], false);
  EXPECT_FALSE(card["not_modelled"].empty());
  EXPECT_TRUE(card["total_params"].is_null());
}

TEST(ModelCommand, RefusesFilesThatAreNoConfigs) {
  const TempFolder folder;
  const std::string huge = folder.write("huge/config.json", std::string(10'000'001, ' '));
  const Finished refused = run_blis({"model", huge, "--data-dir", BLIS_SOURCE_DIR});
  EXPECT_EQ(refused.status, static_cast<int>(ExitCode::usage));
  EXPECT_NE(refused.err.find("too large for a model config"), std::string::npos) << refused.err;
}

TEST(ModelCommand, RefusesAmountsThatAreNone) {
  for (const std::vector<std::string>& flags : {std::vector<std::string>{"--kv-memory-gib", "0"},
                                                {"--kv-memory-gib", "40GB"},
                                                {"--sequence-length", "0"},
                                                {"--sequence-length", "1.5K"}}) {
    std::vector<std::string> words{"model", "qwen3-8b", "--data-dir", BLIS_SOURCE_DIR};
    words.insert(words.end(), flags.begin(), flags.end());
    const Finished refused = run_blis(words);
    EXPECT_EQ(refused.status, static_cast<int>(ExitCode::usage)) << flags[0] << flags[1];
    EXPECT_NE(refused.err.find(flags[0]), std::string::npos) << refused.err;
  }
}

// What the card's JSON says of a published model, held against its known answers.
std::string faults(const Json& card, const Json& line) {
  std::string text;
  const auto exact = [&](const Json& value, const Json& expected, const char* name) {
    if (!expected.is_null() && value != expected)
      text += std::string(" ") + name + " " + value.dump() + " for " + expected.dump();
  };
  const auto near = [&](const char* key, double expected) {
    constexpr double kTolerance = 0.02;
    if (std::abs(card[key].get<double>() / expected - 1) > kTolerance) text += std::string(" ") + key;
  };
  exact(card["layers"], line["layers"], "layers");
  near("total_params", line["total_params"]);
  near("active_params", line["active_params"]);
  if (line["weights_gib"].is_number()) near("weights_bytes", line["weights_gib"].get<double>() * (1 << 30));
  exact(card["kv_bytes_per_token"], line["kv_bytes_per_token_growing"], "kv_bytes_per_token");
  exact(card["kv_bytes_per_token_windowed"], line["kv_bytes_per_token_windowed"],
        "kv_bytes_per_token_windowed");
  exact(card["state_bytes_per_sequence"], line["state_bytes_per_sequence"], "state_bytes_per_sequence");
  exact(card["max_model_len"], line["max_model_len_default"], "max_model_len");
  const Json& cache = line["vllm_kv_40GiB_tp1"];
  if (!cache.is_array() || cache.empty()) return text;
  exact(card["block_size"], cache[0]["block_size"], "block_size");
  exact(card["num_blocks"], cache[0]["num_blocks"], "num_blocks");
  exact(card["kv_groups"], cache[0]["groups"], "kv_groups");
  exact(card["kv_tokens"], cache[0]["tokens"], "kv_tokens");
  return text;
}

TEST(ModelCommand, AgreesWithEveryPublishedModelThatIsModelled) {
  const std::string models = BLIS_SOURCE_DIR "/../shared/models";
  std::ifstream expected(models + "/expected.jsonl");
  if (!expected) GTEST_SKIP() << "no " << models;
  int supported = 0;
  for (std::string text; std::getline(expected, text);) {
    const Json line = Json::parse(text);
    const std::string name = line["name"];
    const Json card = card_of({models + "/configs/" + name, "-tp", "1", "--kv-memory-gib", "40", "--quiet"});
    if (!card["supported"].get<bool>() || !line["sure"].get<bool>()) continue;
    ++supported;
    EXPECT_EQ(faults(card, line), "") << name;
  }
  EXPECT_GE(supported, 135);
}

}  // namespace
}  // namespace blis
