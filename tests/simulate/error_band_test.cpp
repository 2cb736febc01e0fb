// What a result says of its own accuracy.
#include "tools/simulate/error_band.h"

#include <gtest/gtest.h>

#include <fstream>

#include "blis/error.hpp"
#include "tests/scenarios/settings.h"
#include "tests/scenarios/temp_folder.h"
#include "tools/simulate/no_workload.h"

namespace blis {
namespace {

MetricErrors errors_of(std::string metric, double p90) {
  return {.metric = std::move(metric),
          .figures = 30,
          .groups = 6,
          .median_pct = p90 / 3,
          .p90_pct = p90,
          .factors = {{"experts", 2}, {"load above 0.4", 1.5}, {"saturation", 1}},
          .inside_pct = 90};
}
const ErrorBands kKnown{{errors_of("tpot_mean", 3.2), errors_of("ttft_p99", 20)}};

TEST(ErrorBands, GrowWithWhatARunHas) {
  struct Row {
    std::vector<std::string> features;
    double load, p90;
  };
  for (const Row& row :
       {Row{{}, 0.1, 3.2}, Row{{}, 0.4, 3.2}, Row{{}, 0.41, 4.8}, Row{{"experts"}, 0.5, 9.6}}) {
    const Accuracy accuracy = find_accuracy(kKnown, {GpuClass::fitted, row.features}, row.load, false);
    ASSERT_EQ(accuracy.bands.size(), 2u);
    EXPECT_NEAR(accuracy.bands[0].p90_pct, row.p90, 1e-9) << row.load;
    EXPECT_NEAR(accuracy.bands[0].median_pct, row.p90 / 3, 1e-9) << row.load;
  }
}

TEST(ErrorBands, AKindWithoutEvidenceGetsNoFigure) {
  const Accuracy accuracy =
      find_accuracy(kKnown, {GpuClass::fitted, {"experts", "pipeline stages"}}, 0.1, false);
  EXPECT_TRUE(accuracy.bands.empty());
  EXPECT_EQ(accuracy.unscored, std::vector<std::string>{"pipeline stages"});
  EXPECT_EQ(to_sentence(accuracy), "no figure: no measured run had pipeline stages");
  EXPECT_EQ(to_sentence(find_accuracy({}, {}, 0.1, false)),
            "no figure: too few measured runs are like this one");
}

TEST(ErrorBands, SayTheMetricThatTheUsersLimitIsOn) {
  Accuracy accuracy = find_accuracy(kKnown, {}, 0.1, false);
  EXPECT_EQ(to_sentence(accuracy), "nine of ten measured runs like this one were within: mean TPOT 4 %");
  SloSettings slo;
  slo.limits = {{"p95_ttft_ms", 100}};
  accuracy.asked = limited_metrics(slo);
  EXPECT_EQ(to_sentence(accuracy), "nine of ten measured runs like this one were within: p99 TTFT 20 %");
  slo.limits = {{"p99_queue_ms", 100}};
  slo.goodput.tpot_ms = 30;
  accuracy.asked = limited_metrics(slo);
  EXPECT_EQ(to_sentence(accuracy),
            "nine of ten measured runs like this one were within: mean TPOT 4 %; too few tell p99_queue_ms");
}

TEST(ErrorBands, SayWhenLatenciesMeanLittle) {
  EXPECT_EQ(
      to_sentence(find_accuracy(kKnown, {}, 0.1, true)),
      "saturated: latencies tell how long the run lasted; compare throughput, and the order of alternatives");
  const ErrorBands known{{errors_of("output_throughput", 6)}};
  EXPECT_NE(to_sentence(find_accuracy(known, {}, 0.1, true)).find("within throughput 6 %"),
            std::string::npos);
}

TEST(ErrorBands, AreOfDeploymentsByWhatTheyHaveBeyondADenseModel) {
  const auto features = [](const std::vector<std::string>& settings) {
    return deployment_kind(resolved(kNoWorkload, settings)).features;
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
  EXPECT_EQ(features({llama, h100, "autoscaling={ policy: wva_v1, max_replicas: 2, startup_s: 60 }"}),
            Names{"replicas that come and go"});
}

TEST(ErrorBands, ComeWithTheCatalogs) {
  const ErrorBands known = read_error_bands(Catalog(BLIS_SOURCE_DIR));
  EXPECT_GE(known.metrics.size(), 7u);
  for (const MetricErrors& errors : known.metrics) {
    EXPECT_GE(errors.groups, 3) << errors.metric;
    EXPECT_LE(errors.median_pct, errors.p90_pct) << errors.metric;
    EXPECT_FALSE(errors.factors.empty()) << errors.metric;
  }
  EXPECT_EQ(find_accuracy(known, {}, 0.2, false).bands.size(), known.metrics.size());
}

TEST(ErrorBands, MayBeMissingButNotBroken) {
  const TempFolder folder;
  EXPECT_TRUE(read_error_bands(Catalog(folder.path())).metrics.empty());
  std::ofstream(folder.path("accuracy_bands.json")) << R"({"metrics": [{}]})";
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
