// What results say of replicas that come and go.
#include "tools/report/scaling.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "hand_made_report.h"
#include "tools/report/documents.h"
#include "tools/report/series.h"

namespace blis {
namespace {

using std::chrono::milliseconds;

// One replica, and a second one that starts at 20 ms and is ready at 40 ms, of four at most.
RunReport scaled() {
  RunReport report = hand_made_report();
  report.run.scaling = {
      {.places = 4,
       .counts = {{Time{}, 0, 1, 0}, {Time{milliseconds{20}}, 1, 1, 0}, {Time{milliseconds{40}}, 0, 2, 0}},
       .ups = 1}};
  report.run.engines.resize(4);
  report.use = {.gpus = 3,
                .usd_per_hour = {},
                .gpu_hours = 0.25,
                .scaled = {{.name = "default", .gpus = 2, .mean = 1.5, .least = 1, .most = 2, .ups = 1}}};
  count(report);
  return report;
}

TEST(ScalingReport, IsInTheResultTheSeriesAndTheText) {
  const RunReport report = scaled();
  const auto result = nlohmann::json::parse(to_result_json(report, false))["autoscaling"];
  EXPECT_EQ(result["gpu_hours"], 0.25);
  EXPECT_EQ(result["mean_gpus"], 3);
  EXPECT_EQ(result["pools"].size(), 1u);
  EXPECT_EQ(result["pools"][0]["mean_replicas"], 1.5);
  EXPECT_EQ(result["pools"][0]["most_replicas"], 2);
  EXPECT_FALSE(result["pools"][0].contains("pool")) << "there is but one";
  const auto series = nlohmann::json::parse(to_series_json(report))["scaling"][0];
  EXPECT_EQ(series["changes"], 2);
  EXPECT_EQ(series["at_s"], (std::vector<double>{0, 0.02, 0.04}));
  EXPECT_EQ(series["starting"], (std::vector<int>{0, 1, 0}));
  EXPECT_EQ(series["ready"], (std::vector<int>{1, 1, 2}));
  const std::string text = to_text(report, {});
  EXPECT_NE(text.find("1.50, 1 to 2"), std::string::npos) << text;
  EXPECT_NE(text.find("GPU-hours"), std::string::npos);
}

TEST(ScalingReport, IsNotThereWhereTheNumberStays) {
  const RunReport report = hand_made_report();
  EXPECT_FALSE(nlohmann::json::parse(to_result_json(report, false)).contains("autoscaling"));
  EXPECT_FALSE(nlohmann::json::parse(to_series_json(report)).contains("scaling"));
  EXPECT_EQ(to_text(report, {}).find("GPU-hours"), std::string::npos);
}

// A step ran all the time, on one replica of one, and later of two.
TEST(ScalingReport, SharesAreOfTheReplicasThatHoldGpus) {
  const TimeSeries series = time_series(scaled().run);
  EXPECT_NEAR(series.bins.front().busy, 1, 0.02);
  EXPECT_NEAR(series.bins.back().busy, 0.5, 0.02);
}

}  // namespace
}  // namespace blis
