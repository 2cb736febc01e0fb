// Published models with known answers: each is read right or refused as not modelled, and none silently
// wrong. What is read is held against the card's figures.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "roofline/kv_capacity.h"
#include "roofline/model_card.h"
#include "scenarios/catalog.h"

namespace blis {
namespace {

using Json = nlohmann::json;
const std::string kModels = BLIS_SOURCE_DIR "/../shared/models";

bool is_off(double value, const Json& expected) {
  constexpr double kTolerance = 0.02;
  return expected.is_number() && std::abs(value / expected.get<double>() - 1) > kTolerance;
}
bool differs(double value, const Json& expected) {
  return expected.is_number() && value != expected.get<double>();
}

std::map<std::string, int> layers_of(const ModelCard& card) {
  std::map<std::string, int> layers;
  for (const CardLayers& kind : card.layers) layers[kind.kind] = kind.count;
  return layers;
}

// Blocks, groups and tokens with 40 GiB for the cache.
std::string faults_of_cache(const ModelConfig& model, const Json& expected, const Json& length) {
  constexpr double kGiven = 40.0 * (1 << 30);
  constexpr int kInFlight = 2 * 8192;
  const MemorySettings settings{
      .block_size = kv_block_size(model, 16), .max_num_batched_tokens = 8192, .kv_cache_bytes = kGiven};
  const KvCapacity kv = kv_capacity(model, {}, {}, settings);
  std::string text;
  if (differs(kv.layout.block_size, expected["block_size"])) text += " block_size";
  if (differs(static_cast<double>(kv.num_blocks), expected["num_blocks"])) text += " num_blocks";
  if (differs(static_cast<double>(kv.layout.groups.size()), expected["groups"])) text += " groups";
  const std::int64_t blocks = request_blocks(kv.layout, kInFlight, length.get<std::int64_t>());
  const std::int64_t tokens = kv.num_blocks * length.get<std::int64_t>() / blocks;
  if (differs(static_cast<double>(tokens), expected["tokens"])) text += " tokens";
  return text;
}

// What is wrong with a model that was read; empty if nothing.
std::string faults(const ModelConfig& model, const Json& line) {
  if (!line["generative"].get<bool>()) return "it generates no text";
  if (!line["sure"].get<bool>()) return {};
  const ModelCard card = model_card(model);
  std::string text;
  if (layers_of(card) != line["layers"].get<std::map<std::string, int>>()) text += " layers";
  if (is_off(card.total_params, line["total_params"])) text += " total_params";
  if (is_off(card.active_params, line["active_params"])) text += " active_params";
  if (is_off(card.weights_bytes / (1 << 30), line["weights_gib"])) text += " weights_gib";
  if (differs(card.kv_bytes_per_token, line["kv_bytes_per_token_growing"])) text += " kv_bytes_per_token";
  if (differs(card.kv_bytes_per_token_windowed, line["kv_bytes_per_token_windowed"]))
    text += " kv_bytes_per_token_windowed";
  if (differs(card.state_bytes_per_sequence, line["state_bytes_per_sequence"])) text += " state_bytes";
  if (card.max_model_len != line["max_model_len_default"].get<std::int64_t>()) text += " max_model_len";
  const Json& cache = line["vllm_kv_40GiB_tp1"];
  if (cache.is_array() && !cache.empty()) {
    text += faults_of_cache(model, cache[0], line["max_model_len_default"]);
  }
  return text;
}

TEST(PublishedModels, AreReadRightOrRefusedAndNeverSilentlyWrong) {
  std::ifstream expected(kModels + "/expected.jsonl");
  if (!expected) GTEST_SKIP() << "no " << kModels;
  int right = 0, refused = 0, wrong = 0;
  for (std::string text; std::getline(expected, text);) {
    const Json line = Json::parse(text);
    const std::string name = line["name"];
    try {
      const std::string fault = faults(read_model_config(kModels + "/configs/" + name), line);
      (fault.empty() ? right : wrong) += 1;
      EXPECT_EQ(fault, "") << name;
    } catch (const InputError& error) {
      ++refused;
      EXPECT_EQ(error.kind(), ErrorKind::not_modelled) << name << ": " << error.what();
      std::printf("refused: %s: %s\n", name.c_str(), error.problems().front().message.c_str());
    }
  }
  std::printf("right %d, refused %d, silently wrong %d\n", right, refused, wrong);
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(right, 155) << "models that were right are refused now";
}

}  // namespace
}  // namespace blis
