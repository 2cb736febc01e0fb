// Published models with known answers: each is read right or refused as not modelled, and none silently
// wrong.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "scenarios/catalog.h"

namespace blis {
namespace {

using Json = nlohmann::json;
const std::string kModels = BLIS_SOURCE_DIR "/../shared/models";

struct Figures {
  double total = 0, weights_gib = 0;
  double kv_growing = 0, kv_windowed = 0;
  std::int64_t max_model_len = 0;
};

Figures figures_of(ModelFacts model) {
  if (model.dtype_bytes == 4) model.dtype_bytes = 2;  // as vLLM loads it
  const double kv = kv_bytes_per_token_and_layer(model, 1, 0);
  const int windowed = model.window ? model.window->layers : 0;
  return {.total = count_parameters(model).total(),
          .weights_gib = weight_bytes_on_gpu(model, {}, pipeline_stages(model, 1).front()) / (1 << 30),
          .kv_growing = kv * (model.layers - windowed),
          .kv_windowed = kv * windowed,
          .max_model_len =
              model.default_max_model_len > 0 ? model.default_max_model_len : model.max_position_embeddings};
}

bool is_off(double value, const Json& expected) {
  constexpr double kTolerance = 0.02;
  return !expected.is_null() && std::abs(value / expected.get<double>() - 1) > kTolerance;
}
bool differs(double value, const Json& expected) {
  return !expected.is_null() && value != expected.get<double>();
}

// What is wrong with a model that was read; empty if nothing.
std::string faults(const ModelFacts& model, const Json& line) {
  if (!line["generative"].get<bool>()) return "it generates no text";
  if (!line["sure"].get<bool>()) return {};
  const Figures f = figures_of(model);
  std::string text;
  if (is_off(f.total, line["total_params"])) text += " total_params";
  if (is_off(f.weights_gib, line["weights_gib"])) text += " weights_gib";
  if (differs(f.kv_growing, line["kv_bytes_per_token_growing"])) text += " kv_bytes_per_token_growing";
  if (differs(f.kv_windowed, line["kv_bytes_per_token_windowed"])) text += " kv_bytes_per_token_windowed";
  if (f.max_model_len != line["max_model_len_default"].get<std::int64_t>()) text += " max_model_len";
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
      const std::string fault = faults(read_model_facts(kModels + "/configs/" + name), line);
      (fault.empty() ? right : wrong) += 1;
      EXPECT_EQ(fault, "") << name;
    } catch (const InputError& error) {
      ++refused;
      EXPECT_EQ(error.kind(), ErrorKind::not_modelled) << name << ": " << error.what();
    }
  }
  std::printf("right %d, refused %d, silently wrong %d\n", right, refused, wrong);
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(right, 120) << "models that were right are refused now";
}

}  // namespace
}  // namespace blis
