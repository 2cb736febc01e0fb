#include "tools/report/latency_series.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/report/hand_made_report.h"
#include "tools/report/roofline_cells.h"

namespace blis {
namespace {

TEST(LatencyOverTime, PutsRequestsAndGapsWhereTheyBelong) {
  const RunReport report = hand_made_report();
  const TimeSeries series = time_series(report.run);
  const LatencyOverTime ttft = ttft_over_time(report.run, series), itl = itl_over_time(report.run, series);
  const std::size_t pieces = kSeriesBins / bins_per_piece(report.run.requests.size());
  ASSERT_EQ(ttft.p50.size(), pieces);
  ASSERT_EQ(itl.p99.size(), pieces);
  const auto piece = [&](int ms) {
    return static_cast<std::size_t>((Time{std::chrono::milliseconds{ms}} - series.start) / ttft.width);
  };
  EXPECT_EQ(ttft.p50[piece(5)], 15);  // from 5 to 20 ms
  EXPECT_EQ(ttft.p99[piece(15)], 15);
  EXPECT_TRUE(std::isnan(ttft.p50[piece(40)]));
  int gaps = 0;
  for (const double ms : itl.p50) {
    if (std::isnan(ms)) continue;
    EXPECT_EQ(ms, 10);
    ++gaps;
  }
  EXPECT_EQ(gaps, 3);  // that end at 30, 40 and 50 ms
}

TEST(LatencyOverTime, HasAboutTwentyRequestsAPieceWherePiecesCanBeLong) {
  EXPECT_EQ(bins_per_piece(0), 10u);
  EXPECT_EQ(bins_per_piece(20 * 480), 1u);
  for (std::size_t requests = 1; requests < 20'000; requests += 37)
    EXPECT_EQ(kSeriesBins % bins_per_piece(requests), 0u);
}

TEST(RooflineCells, HoldAllStepsAndTheirTime) {
  const RunReport report = hand_made_report();
  const WorkModel work{
      .gpus = 2, .peak_flops = 2e15, .peak_bytes = 6e12, .flops_per_token = 1e10, .dense_bytes = 1e10};
  const RooflineCells cells = roofline_cells(report.run, work);
  std::int64_t steps = 0;
  double seconds = 0;
  for (const RooflineCell& cell : cells.cells) {
    steps += cell.steps;
    seconds += cell.seconds;
  }
  EXPECT_EQ(steps, 4);  // the first and the last compute nothing
  EXPECT_NEAR(seconds, 0.04, 1e-12);
  EXPECT_EQ(cells.share_shown, 1);
  // Two decode steps of one token: 1e10 FLOP in 10 ms on two GPUs.
  EXPECT_EQ(cells.cells[0].steps, 2);
  EXPECT_NEAR(cells.cells[0].tflops, 0.5, 1e-9);
  EXPECT_NEAR(cells.cells[0].intensity, 1, 1e-9);
}

TEST(RooflineCells, OfARunWithoutStepsAreNone) {
  EXPECT_TRUE(roofline_cells(RunResult{}, WorkModel{}).cells.empty());
}

}  // namespace
}  // namespace blis
