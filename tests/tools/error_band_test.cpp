// What a result says of its own accuracy.
#include "tools/report/error_band.h"

#include <gtest/gtest.h>

#include <fstream>

#include "sim/input_error.h"
#include "tests/scenarios/temp_folder.h"

namespace blis {
namespace {

ScoredBand band(GpuClass gpu, double below, double p90) {
  return {.gpu = gpu, .load_below = below, .metric = "tpot_mean", .runs = 9, .median_pct = 1, .p90_pct = p90};
}

TEST(ErrorBands, AreOfTheNearestLoadAbove) {
  const std::vector<ScoredBand> bands{band(GpuClass::fitted, 0.7, 6), band(GpuClass::fitted, 0.4, 4),
                                      band(GpuClass::general, 1, 9)};
  const auto p90 = [&](GpuClass gpu, double load) {
    const Accuracy accuracy = find_accuracy(bands, gpu, load, false);
    return accuracy.bands.empty() ? -1 : accuracy.bands[0].p90_pct;
  };
  EXPECT_EQ(p90(GpuClass::fitted, 0.1), 4);
  EXPECT_EQ(p90(GpuClass::fitted, 0.4), 6);
  EXPECT_EQ(p90(GpuClass::fitted, 0.9), -1);  // nobody measured that
  EXPECT_EQ(p90(GpuClass::general, 0.9), 9);
}

TEST(ErrorBands, SayWhenLatenciesMeanLittle) {
  EXPECT_NE(to_sentence(find_accuracy({}, GpuClass::fitted, 0.5, true)).find("saturated"), std::string::npos);
  EXPECT_NE(to_sentence(find_accuracy({}, GpuClass::fitted, 0.5, false)).find("no measured run"),
            std::string::npos);
  const std::string sentence =
      to_sentence(find_accuracy({band(GpuClass::fitted, 1, 3.2)}, GpuClass::fitted, 0.5, false));
  EXPECT_NE(sentence.find("TPOT 4 %"), std::string::npos) << sentence;
}

TEST(ErrorBands, ComeWithTheCatalogs) {
  const std::vector<ScoredBand> bands = read_error_bands(Catalog(BLIS_SOURCE_DIR));
  EXPECT_GE(bands.size(), 14u);
  for (const ScoredBand& b : bands) {
    EXPECT_GE(b.runs, 3) << b.metric;
    EXPECT_LE(b.median_pct, b.p90_pct) << b.metric;
  }
  EXPECT_EQ(find_accuracy(bands, GpuClass::fitted, 0.2, false).bands.size(), 7u);
}

TEST(ErrorBands, MayBeMissingButNotBroken) {
  const TempFolder folder;
  EXPECT_TRUE(read_error_bands(Catalog(folder.path())).empty());
  std::ofstream(folder.path("accuracy_bands.json")) << R"({"bands": [{}]})";
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
