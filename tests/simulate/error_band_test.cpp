// What a result says of its own accuracy.
#include "tools/simulate/error_band.h"

#include <gtest/gtest.h>

#include <fstream>

#include "blis/error.hpp"
#include "tests/scenarios/temp_folder.h"
#include "tools/simulate/no_workload.h"

namespace blis {
namespace {

ScoredBand band(GpuClass gpu, double below, double p90) {
  return {.gpu = gpu, .load_below = below, .metric = "tpot_mean", .runs = 9, .median_pct = 1, .p90_pct = p90};
}

TEST(ErrorBands, AreOfTheNearestLoadAbove) {
  const ErrorBands known{
      {}, {band(GpuClass::fitted, 0.7, 6), band(GpuClass::fitted, 0.4, 4), band(GpuClass::general, 1, 9)}};
  const auto p90 = [&](GpuClass gpu, double load) {
    const Accuracy accuracy = find_accuracy(known, {gpu, {}}, load, false);
    return accuracy.bands.empty() ? -1 : accuracy.bands[0].p90_pct;
  };
  EXPECT_EQ(p90(GpuClass::fitted, 0.1), 4);
  EXPECT_EQ(p90(GpuClass::fitted, 0.4), 6);
  EXPECT_EQ(p90(GpuClass::fitted, 0.9), -1);  // nobody measured that
  EXPECT_EQ(p90(GpuClass::general, 0.9), 9);
}

TEST(ErrorBands, SayWhenLatenciesMeanLittle) {
  EXPECT_NE(to_sentence(find_accuracy({}, {}, 0.5, true)).find("saturated"), std::string::npos);
  EXPECT_NE(to_sentence(find_accuracy({}, {}, 0.5, false)).find("no measured run"), std::string::npos);
  const ErrorBands known{{}, {band(GpuClass::fitted, 1, 3.2)}};
  const std::string sentence = to_sentence(find_accuracy(known, {}, 0.5, false));
  EXPECT_NE(sentence.find("TPOT 4 %"), std::string::npos) << sentence;
}

TEST(ErrorBands, NameWhatNoMeasuredRunHad) {
  const ErrorBands known{{"experts"}, {band(GpuClass::fitted, 1, 3.2)}};
  EXPECT_TRUE(find_accuracy(known, {GpuClass::fitted, {"experts"}}, 0.5, false).unscored.empty());
  const Accuracy more = find_accuracy(known, {GpuClass::fitted, {"experts", "pipeline stages"}}, 0.5, false);
  EXPECT_EQ(more.unscored, std::vector<std::string>{"pipeline stages"});
  const std::string sentence = to_sentence(more);
  EXPECT_TRUE(sentence.ends_with("; none had pipeline stages, so errors may be larger")) << sentence;
}

TEST(ErrorBands, AreOfDeploymentsByWhatTheyHaveBeyondADenseModel) {
  const auto features = [](std::vector<std::string> settings) {
    std::vector<Override> overrides;
    for (const std::string& setting : settings) overrides.push_back(parse_override(setting));
    const ScenarioSettings scenario = parse_settings(kNoWorkload, "x", "", overrides);
    return deployment_kind(resolve(scenario, Catalog(BLIS_SOURCE_DIR))).features;
  };
  const std::string llama = "model=llama-3.1-8b", h100 = "hardware.gpu=h100";
  using Names = std::vector<std::string>;
  EXPECT_EQ(features({llama, h100}), Names{});
  EXPECT_EQ(features({llama, h100, "engine.quantization=fp8", "engine.kv_cache_dtype=fp8"}),
            (Names{"8-bit float layers", "an 8-bit KV cache"}));
  EXPECT_EQ(features({llama, h100, "engine.tensor_parallel_size=8", "engine.pipeline_parallel_size=2"}),
            (Names{"tensor parallelism", "pipeline stages", "several nodes"}));
  EXPECT_EQ(
      features({"model=mixtral-8x7b-v0.1", h100, "engine.tensor_parallel_size=2",
                "engine.enable_expert_parallel=true", "engine.data_parallel_size=2"}),
      (Names{"experts", "tensor parallelism", "expert parallelism", "data-parallel ranks in lockstep"}));
  EXPECT_EQ(
      features({"model=gpt-oss-20b", h100, "engine.enforce_eager=true"}),
      (Names{"experts", "4-bit experts", "attention windows shorter than max_model_len", "enforce_eager"}));
}

TEST(ErrorBands, ComeWithTheCatalogs) {
  const ErrorBands known = read_error_bands(Catalog(BLIS_SOURCE_DIR));
  EXPECT_GE(known.bands.size(), 14u);
  EXPECT_FALSE(known.features.empty());
  for (const ScoredBand& b : known.bands) {
    EXPECT_GE(b.runs, 3) << b.metric;
    EXPECT_LE(b.median_pct, b.p90_pct) << b.metric;
  }
  EXPECT_EQ(find_accuracy(known, {}, 0.2, false).bands.size(), 7u);
}

TEST(ErrorBands, MayBeMissingButNotBroken) {
  const TempFolder folder;
  EXPECT_TRUE(read_error_bands(Catalog(folder.path())).bands.empty());
  std::ofstream(folder.path("accuracy_bands.json")) << R"({"features": [], "bands": [{}]})";
  EXPECT_THROW(read_error_bands(Catalog(folder.path())), InputError);
}

struct StepsOfATenthMore final : LatencyModel {
  StepCost step(const StepShape& shape) const override {
    StepCost cost;
    cost.total = Seconds(0.010 + 0.001 * static_cast<double>(shape.decodes - 1));
    return cost;
  }
};

TEST(ServingLoad, IsTheShareOfAStepThatComesWithLoad) {
  EXPECT_NEAR(serving_load(StepsOfATenthMore{}, 1000, 20), 0.5, 1e-12);
  EXPECT_EQ(serving_load(StepsOfATenthMore{}, 1000, 9), 0);
  EXPECT_EQ(serving_load(StepsOfATenthMore{}, 1000, 0), 0);
}

}  // namespace
}  // namespace blis
