// Long runs forget their steps; nobody may notice by the figures.
#include <gtest/gtest.h>

#include <random>

#include "sim/attribution.h"
#include "sim/step_summary.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using std::chrono::milliseconds;

void expect_equal(const Stats& a, const Stats& b) {
  ASSERT_EQ(a.count, b.count);
  if (a.count == 0) return;
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_NEAR(a.std, b.std, 1e-9 * a.std);  // engines come in another order
  EXPECT_EQ(a.min, b.min);
  EXPECT_EQ(a.max, b.max);
  EXPECT_EQ(a.median, b.median);
  EXPECT_EQ(a.p90, b.p90);
  EXPECT_EQ(a.p95, b.p95);
  EXPECT_EQ(a.p99, b.p99);
}

void expect_equal(const Metrics& a, const Metrics& b) {
  expect_equal(a.itl, b.itl);
  expect_equal(a.e2el, b.e2el);
  EXPECT_EQ(a.steps, b.steps);
  EXPECT_EQ(a.kv_usage_mean, b.kv_usage_mean);
  EXPECT_EQ(a.kv_usage_peak, b.kv_usage_peak);
  EXPECT_EQ(a.batch_mean, b.batch_mean);
  EXPECT_EQ(a.batch_peak, b.batch_peak);
  EXPECT_EQ(a.bound_by, b.bound_by);
}

std::vector<Variant> all_variants() {
  std::vector<Variant> all = variants();
  OnePool many = small();
  many.replicas = 3;
  all.push_back({"three replicas", many});
  return all;
}

// With clients that give up, whose tokens do not count.
std::vector<ToyRequest> traffic(std::uint64_t seed, int requests) {
  std::mt19937_64 rng(seed);
  std::vector<ToyRequest> all = random_traffic(rng, requests, 200, 60, 12.0);
  for (ToyRequest& r : all) {
    if (rng() % 6 == 0) r.spec.timeout = milliseconds{100 + static_cast<std::int64_t>(rng() % 1500)};
  }
  return all;
}

TEST(FoldingProperty, ChangesNoFigure) {
  for (const auto& [name, config] : all_variants()) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      for (const MetricsOptions& options : {MetricsOptions{}, MetricsOptions{.warmup_requests = 40},
                                            MetricsOptions{.warmup = milliseconds{300}}}) {
        const std::vector<ToyRequest> requests = traffic(seed, 120);
        const Metrics plain = summarize(run(config, requests, WorkLatency{}), options);
        for (const std::size_t keep : {1, 8, 100}) {
          SCOPED_TRACE(testing::Message() << name << ", seed " << seed << ", keeping " << keep);
          StepSummary steps(options);
          ListSource source(requests);
          const RunResult folded =
              simulate(config, WorkLatency{}, source, {}, Folding{.readers = {&steps}, .keep = keep});
          EXPECT_GT(steps.read_until(0), 0u) << "something was folded";
          steps.finish(folded);
          expect_equal(summarize(folded, steps), plain);
        }
      }
    }
  }
}

TEST(FoldingProperty, RecordsKnowWhatTheLogKnew) {
  for (const auto& [name, config] : all_variants()) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      SCOPED_TRACE(testing::Message() << name << ", seed " << seed);
      const RunResult result = run(config, traffic(seed, 120), WorkLatency{});
      for (const RequestRecord& r : result.requests) {
        if (!has_full_answer(r)) continue;
        const EngineResult& engine = result.engines[r.replica];
        const StepLog& steps = engine.steps;
        Duration stretch{0}, gaps{0};
        StepIndex later = kNoStep;
        for_each_token_interval(engine, r, [&](StepIndex first, StepIndex last) {
          const auto most = static_cast<StepIndex>(engine.regular_distance);
          if (later != kNoStep && later - last > most) gaps += steps[later].end - steps[last].end;
          stretch +=
              std::min(steps[last].stretched - steps[first].stretched, steps[last].end - steps[first].end);
          later = first;
        });
        ASSERT_EQ(r.passed_over, gaps);
        ASSERT_EQ(r.stretch, stretch);
        ASSERT_EQ(r.first_token, steps[later].end);
        ASSERT_EQ(r.last_token, steps[r.tokens.last].end);
      }
    }
  }
}

TEST(Folding, KeepsFewSteps) {
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 1500; ++i) requests.push_back(toy(at_ms(4000 * i), 30, 400));
  StepSummary steps;
  ListSource source(requests);
  const RunResult result = simulate(small(), FixedLatency{milliseconds{10}}, source, {},
                                    Folding{.readers = {&steps}, .keep = 1000});
  const StepLog& log = result.engines[0].steps;
  EXPECT_EQ(log.size(), 1500u * 400);
  EXPECT_LT(log.kept(), 70'000u) << "a chunk or two";
  steps.finish(result);
  const Metrics m = summarize(result, steps);
  EXPECT_EQ(m.steps, 1500 * 400);
  EXPECT_EQ(m.itl.count, 1500 * 399);
  EXPECT_EQ(m.itl.max, 10.0);
  EXPECT_EQ(m.batch_mean, 1.0);
}

TEST(Folding, WaitsForTheOldestRequest) {
  OnePool config = small();
  config.engine.scheduler.max_model_len = 100'000;
  config.engine.scheduler.num_blocks = 10'000;
  std::vector<ToyRequest> requests{toy(at_ms(0), 10, 90'000)};
  for (int i = 1; i <= 200; ++i) requests.push_back(toy(at_ms(4000 * i), 10, 10));
  StepSummary steps;
  ListSource source(requests);
  const RunResult result =
      simulate(config, FixedLatency{milliseconds{10}}, source, {}, Folding{.readers = {&steps}, .keep = 10});
  EXPECT_EQ(steps.read_until(0), 0u);
  EXPECT_EQ(result.engines[0].steps.first_kept(), 0u);
}

TEST(StepSummary, BeyondTheExactGapsPercentilesAreClose) {
  const RunResult result = run(small(), traffic(1, 400), WorkLatency{});
  StepSummary exact, close({}, 100);
  exact.finish(result);
  close.finish(result);
  const Stats a = summarize(result, exact).itl, b = summarize(result, close).itl;
  EXPECT_EQ(a.count, b.count);
  EXPECT_NEAR(a.mean, b.mean, 1e-6);
  EXPECT_EQ(a.max, b.max);
  EXPECT_NEAR(a.p99, b.p99, a.p99 / 8192);
  EXPECT_NEAR(a.median, b.median, a.median / 8192);
}

}  // namespace
}  // namespace blis
