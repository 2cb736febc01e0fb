#include "tools/simulate/folded_steps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "tests/sim/fleet/toys.h"
#include "tools/report/latency_series.h"
#include "tools/report/replica_series.h"
#include "tools/report/roofline_cells.h"

namespace blis {
namespace {

const WorkModel kWork{
    .gpus = 2, .peak_flops = 2e15, .peak_bytes = 6e12, .flops_per_token = 1e10, .dense_bytes = 1e10};

struct BothWays {
  RunResult plain, folded;
  FoldedSteps steps{kWork, true};
};

// About 40 s on two replicas, and all but the last steps of each folded.
BothWays both_ways(std::uint64_t seed) {
  OnePool config = small();
  config.replicas = 2;
  config.engine.scheduler.num_blocks = 60;
  config.engine.scheduler.behaviour.reserve_full_isl = false;
  std::mt19937_64 rng(seed);
  const std::vector<ToyRequest> requests = random_traffic(rng, 1500, 200, 60, 50.0);
  BothWays both{.plain = run(config, requests, WorkLatency{}), .folded = {}};
  ListSource source(requests);
  both.folded = simulate(config, WorkLatency{}, source, {}, Folding{.readers = {&both.steps}, .keep = 20});
  return both;
}

// Sum of the absolute differences, as a share of the sum.
template <class Field>
double difference(const TimeSeries& a, const TimeSeries& b, Field field) {
  double differences = 0, sum = 0;
  for (std::size_t i = 0; i < a.bins.size(); ++i) {
    differences += std::abs(static_cast<double>(a.bins[i].*field - b.bins[i].*field));
    sum += static_cast<double>(a.bins[i].*field);
  }
  return differences / sum;
}

template <class Field>
double total(const TimeSeries& series, Field field) {
  return std::accumulate(
      series.bins.begin(), series.bins.end(), 0.0,
      [&](double sum, const TimeSeries::Bin& bin) { return sum + static_cast<double>(bin.*field); });
}

TEST(FoldedStepsProperty, DrawWhatTheStepsThemselvesWould) {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const BothWays both = both_ways(seed);
    for (EngineIndex e = 0; e < 2; ++e) {
      ASSERT_GT(both.steps.read_until(e), both.plain.engines[e].steps.size() * 9 / 10);
    }
    const TimeSeries exact = time_series(both.plain), drawn = time_series(both.folded, both.steps);
    ASSERT_EQ(drawn.start, exact.start);
    ASSERT_EQ(drawn.width, exact.width);
    for (const auto field :
         {&TimeSeries::Bin::prefill_tokens, &TimeSeries::Bin::decode_tokens, &TimeSeries::Bin::busy,
          &TimeSeries::Bin::running, &TimeSeries::Bin::waiting, &TimeSeries::Bin::kv_usage}) {
      EXPECT_NEAR(total(drawn, field), total(exact, field), 1e-9 * total(exact, field));
      EXPECT_LT(difference(exact, drawn, field), 0.08);
    }
    ASSERT_GT(total(exact, &TimeSeries::Bin::preemptions), 0);
    EXPECT_EQ(total(drawn, &TimeSeries::Bin::preemptions), total(exact, &TimeSeries::Bin::preemptions));
    EXPECT_EQ(difference(exact, drawn, &TimeSeries::Bin::arrivals), 0);

    const LatencyOverTime itl = itl_over_time(both.plain, exact),
                          close = itl_over_time(both.folded, drawn, both.steps);
    ASSERT_EQ(close.p50.size(), itl.p50.size());
    double sum = 0, differences = 0;
    for (std::size_t i = 0; i < itl.p50.size(); ++i) {
      if (std::isnan(itl.p50[i]) || std::isnan(close.p50[i])) continue;
      sum += itl.p50[i];
      differences += std::abs(close.p50[i] - itl.p50[i]);
    }
    EXPECT_LT(differences / sum, 0.02);
  }
}

TEST(FoldedStepsProperty, KeepTheLoadOfEachReplica) {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    BothWays both = both_ways(seed);
    RunReport plain, folded;
    plain.run = std::move(both.plain);
    folded.run = std::move(both.folded);
    folded.folded = std::move(both.steps);
    const ReplicaSeries exact = replica_series(plain), drawn = replica_series(folded);
    ASSERT_EQ(drawn.width, exact.width);
    ASSERT_EQ(drawn.lines.size(), 2u);
    for (std::size_t e = 0; e < 2; ++e) {
      ASSERT_EQ(drawn.lines[e].running.size(), exact.lines[e].running.size());
      for (std::size_t i = 0; i < exact.lines[e].running.size(); ++i) {
        EXPECT_NEAR(drawn.lines[e].running[i], exact.lines[e].running[i], 1e-9);
        EXPECT_NEAR(drawn.lines[e].waiting[i], exact.lines[e].waiting[i], 1e-9);
        EXPECT_NEAR(drawn.lines[e].kv_usage[i], exact.lines[e].kv_usage[i], 1e-9);
      }
    }
  }
}

TEST(FoldedSteps, CountEveryStepOnceInHistogramAndRoofline) {
  const BothWays both = both_ways(7);
  const StepHistogram exact = step_histogram(both.plain), folded = step_histogram(both.folded, both.steps);
  EXPECT_EQ(folded.decode_only, exact.decode_only);
  EXPECT_EQ(folded.mixed, exact.mixed);
  EXPECT_EQ(folded.prefill_only, exact.prefill_only);
  const RooflineCells cells = roofline_cells(both.plain, kWork),
                      same = roofline_cells(both.folded, kWork, both.steps);
  ASSERT_EQ(same.cells.size(), cells.cells.size());
  for (std::size_t i = 0; i < cells.cells.size(); ++i) {
    EXPECT_NEAR(same.cells[i].seconds, cells.cells[i].seconds, 1e-9);
  }
}

TEST(TimeSlots, GrowWiderAsTimeGoesOn) {
  TimeSlots slots;
  EngineResult engine;
  engine.num_blocks = 100;
  StepRecord step{.end = Time{std::chrono::milliseconds{5}}, .decodes = 10, .used_blocks = 50, .running = 3};
  engine.steps.push_back(step);
  slots.add(engine, 0);
  ASSERT_EQ(slots.all().size(), 6u);
  EXPECT_NEAR(slots.all()[4].sums.decode_tokens, 2, 1e-12);
  EXPECT_NEAR(slots.all()[4].sums.kv_usage, 0.5e6, 1e-6);
  EXPECT_EQ(slots.all()[5].sums.busy, 0);
  step.start = Time{std::chrono::hours{24 * 14}};
  step.end = step.start + std::chrono::milliseconds{30};
  engine.steps.push_back(step);
  slots.add(engine, 1);
  EXPECT_LE(slots.all().size(), TimeSlots::kSlots);
  EXPECT_GT(slots.all().size(), TimeSlots::kSlots / 2);
  EXPECT_NEAR(slots.all().front().sums.decode_tokens, 10, 1e-12);
  EXPECT_NEAR(slots.all().back().sums.busy, 30e6, 1);
}

}  // namespace
}  // namespace blis
