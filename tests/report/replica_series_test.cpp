#include "tools/report/replica_series.h"

#include <gtest/gtest.h>

#include "tests/report/hand_made_report.h"
#include "tools/report/series.h"

namespace blis {
namespace {

// The hand-made run (60 ms of steps) on so many replicas, of which each runs one sequence more than the one
// before.
RunReport fleet(std::size_t replicas) {
  RunReport report = hand_made_report();
  for (std::size_t e = 1; e < replicas; ++e) {
    EngineResult engine = report.run.engines[0];
    engine.steps = {};
    for (std::size_t i = 0; i < report.run.engines[0].steps.size(); ++i) {
      StepRecord step = report.run.engines[0].steps[i];
      step.running += static_cast<std::int32_t>(e);
      engine.steps.push_back(step);
    }
    report.run.engines.push_back(std::move(engine));
  }
  return report;
}

TEST(ReplicaSeries, OfOneReplicaOrOfNothingIsNone) {
  EXPECT_TRUE(replica_series(hand_made_report()).lines.empty());
  RunReport idle;
  idle.run.engines.resize(3);
  EXPECT_TRUE(replica_series(idle).lines.empty());
  EXPECT_EQ(to_series_json(hand_made_report()).find("\"replicas\""), std::string::npos);
}

TEST(ReplicaSeries, HaveALineForEachReplicaWithItsOwnLoad) {
  const ReplicaSeries series = replica_series(fleet(3));
  EXPECT_EQ(series.width, std::chrono::milliseconds{1});
  ASSERT_EQ(series.lines.size(), 3u);
  for (std::size_t e = 0; e < 3; ++e) {
    const ReplicaLine& line = series.lines[e];
    EXPECT_EQ(line.replica, e);
    ASSERT_EQ(line.running.size(), 60u);
    for (const std::size_t ms : {0, 9, 10, 35, 59}) {
      EXPECT_DOUBLE_EQ(line.running[ms], 2.0 + static_cast<double>(e)) << ms;
      EXPECT_DOUBLE_EQ(line.waiting[ms], ms < 10 ? 4 : 0) << ms;
      EXPECT_DOUBLE_EQ(line.kv_usage[ms], 0.1 * static_cast<double>(ms / 10)) << ms;
    }
  }
}

TEST(ReplicaSeries, OfAReplicaThatStopsEarlyEndsAtZero) {
  RunReport report = fleet(2);
  report.run.engines[1].steps = {};
  report.run.engines[1].steps.push_back(report.run.engines[0].steps[0]);
  const ReplicaSeries series = replica_series(report);
  ASSERT_EQ(series.lines[1].running.size(), 60u);
  EXPECT_DOUBLE_EQ(series.lines[1].running[9], 2);
  EXPECT_EQ(series.lines[1].running[10], 0);
}

TEST(ReplicaSeries, OfManyReplicasAreTheSpreadOfEachPool) {
  ASSERT_EQ(replica_series(fleet(kReplicasDrawn)).lines.size(), kReplicasDrawn);
  RunReport report = fleet(21);
  report.pools.assign(21, "decode");
  for (std::size_t e = 0; e < 5; ++e) report.pools[e] = "prefill";
  const ReplicaSeries series = replica_series(report);
  ASSERT_EQ(series.lines.size(), 10u);
  struct Wanted {
    const char *pool, *statistic;
    double running;
  };
  const Wanted wanted[] = {{"prefill", "least", 2}, {"prefill", "p25", 3},    {"prefill", "median", 4},
                           {"prefill", "p75", 5},   {"prefill", "most", 6},   {"decode", "least", 7},
                           {"decode", "p25", 11},   {"decode", "median", 15}, {"decode", "p75", 18},
                           {"decode", "most", 22}};
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(series.lines[i].replica, std::nullopt);
    EXPECT_EQ(series.lines[i].pool, wanted[i].pool) << i;
    EXPECT_EQ(series.lines[i].statistic, wanted[i].statistic) << i;
    EXPECT_DOUBLE_EQ(series.lines[i].running[20], wanted[i].running) << i;
  }
}

TEST(ReplicaSeries, StaySmallHoweverLongTheRun) {
  RunReport report = fleet(2);
  for (EngineResult& engine : report.run.engines) {
    for (int i = 0; i < 10'000; ++i) {
      StepRecord step = engine.steps.back();
      step.start = step.end;
      step.end += std::chrono::milliseconds{10};
      engine.steps.push_back(step);
    }
  }
  const ReplicaSeries series = replica_series(report);
  EXPECT_LE(series.lines[0].running.size(), ReplicaLoads::kSlots);
  EXPECT_GE(series.lines[0].running.size(), ReplicaLoads::kSlots / 2);
  EXPECT_DOUBLE_EQ(series.lines[0].running.front(), 2);
  EXPECT_NEAR(series.lines[0].running.back(), 2, 1e-9) << "the last piece ends with the last step";
}

}  // namespace
}  // namespace blis
