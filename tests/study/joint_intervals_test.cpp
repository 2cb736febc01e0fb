// Intervals of fitted constants hold the truth as often as they say.
#include "tools/study/calibrate/joint_intervals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "scenarios/build.h"
#include "tests/scenarios/settings.h"
#include "tools/simulate/simulate_scenario.h"
#include "tools/study/calibrate/calibrate.h"

namespace blis {
namespace {

using Samples = std::vector<std::vector<FitSample>>;

// Requests whose two metrics move with two constants in nearly the same way; their errors go over eight in a
// row.
Samples nearly_alike(std::mt19937_64& random, const std::vector<double>& truth, std::size_t requests,
                     double apart = 0.3) {
  std::normal_distribution<double> normal;
  Samples metrics(2);
  double shared = 0;
  for (std::size_t i = 0; i < requests; ++i) {
    if (i % 8 == 0) shared = 0.03 * normal(random);
    const double size = normal(random);
    for (auto& samples : metrics) {
      FitSample sample{0, size, {1 + apart * size, 1 - apart * size}};
      const double moved = sample.effect[0] * truth[0] + sample.effect[1] * truth[1];
      sample.measured = size + moved + shared + 0.05 * normal(random);
      samples.push_back(std::move(sample));
    }
  }
  return metrics;
}

TEST(JointIntervals, HoldTheTruthAsOftenAsTheySay) {
  constexpr int kTrials = 80;
  const std::vector<double> truth{0.1, -0.05};
  std::mt19937_64 random(11);
  int inside[2] = {0, 0};
  for (int trial = 0; trial < kTrials; ++trial) {
    Samples metrics = nearly_alike(random, truth, 160);
    const std::vector<double> fitted = linear_fit(metrics);
    ASSERT_EQ(fitted.size(), 2u);
    for (auto& samples : metrics) {
      for (FitSample& s : samples) s.predicted += s.effect[0] * fitted[0] + s.effect[1] * fitted[1];
    }
    const std::vector<Interval> intervals = joint_intervals(metrics, 0.9);
    ASSERT_EQ(intervals.size(), 2u);
    for (std::size_t k = 0; k < 2; ++k) {
      const double off = truth[k] - fitted[k];
      inside[k] += off >= intervals[k].low && off <= intervals[k].high;
    }
  }
  for (const int count : inside) {
    EXPECT_GE(count, 0.82 * kTrials);
    EXPECT_LE(count, 0.99 * kTrials);
  }
}

TEST(JointIntervals, AreWideWhereConstantsActAlike) {
  std::mt19937_64 random(5);
  const Samples two = nearly_alike(random, {0, 0}, 160, 0.03);
  Samples one = two;
  for (auto& samples : one) {
    for (FitSample& s : samples) s.effect.resize(1);
  }
  const auto width = [](const Interval& i) { return i.high - i.low; };
  EXPECT_GT(width(joint_intervals(two, 0.9)[0]), 2 * width(joint_intervals(one, 0.9)[0]));
}

TEST(JointIntervals, AreNotGivenWhereNothingTellsTheConstantsApart) {
  Samples metrics(1);
  for (int i = 0; i < 20; ++i) metrics[0].push_back({0.1 * i, 0.1 * i, {2, 1}});
  EXPECT_TRUE(joint_intervals(metrics, 0.9).empty());
  EXPECT_TRUE(joint_intervals(Samples{}, 0.9).empty());
}

// A measurement that these settings would have made, each latency off by chance.
Benchmark measured_with(const RunResult& run, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  Benchmark benchmark{.path = "simulated", .format = "blis", .requests = {}, .summary = {}, .notes = {}};
  for (const RequestRecord& r : run.requests) {
    RecordedRequest& m = benchmark.requests.emplace_back();
    m.intended = m.sent = since_start(r.arrival) - since_start(run.requests[0].arrival);
    m.input_tokens = r.input_tokens;
    m.output_tokens = r.output_tokens;
    const double first = to_ms(ttft(r)) * std::exp(0.03 * normal(random));
    m.ttft_ms = first;
    m.e2e_ms = first + to_ms(r.last_token - r.first_token) * std::exp(0.02 * normal(random));
  }
  return benchmark;
}

// Minutes: .ci/nightly sets BLIS_CALIBRATION_TRIALS.
TEST(JointIntervals, OfACalibrationHoldTheConstantsThatMadeTheMeasurement) {
  const char* const asked = std::getenv("BLIS_CALIBRATION_TRIALS");
  if (asked == nullptr) GTEST_SKIP() << "BLIS_CALIBRATION_TRIALS is not set";
  const int trials = std::atoi(asked);
  const Catalog catalog(BLIS_SOURCE_DIR);
  constexpr const char* kText =
      "version: 1\nmodel: llama-3.1-8b-instruct\nhardware: { gpu: H100 }\nworkload:\n  kind: synthetic\n"
      "  num_requests: 80\n  arrival: { process: poisson, request_rate: 6 }\n"
      "  input_tokens: { distribution: uniform, min: 100, max: 3000 }\n"
      "  output_tokens: { distribution: uniform, min: 10, max: 60 }\n";
  std::mt19937_64 random(3);
  int known = 0, inside = 0;
  for (int trial = 0; trial < trials; ++trial) {
    const double step_us = 400 + static_cast<double>(random() % 800),
                 api_ms = 5 + static_cast<double>(random() % 20);
    const ScenarioSettings truth =
        parsed(kText, {"latency.host.step_us=" + std::to_string(step_us),
                       "latency.host.api_ms=" + std::to_string(api_ms), "seed=" + std::to_string(trial)});
    const RunReport report = simulate_scenario(truth, catalog);
    const std::vector<Benchmark> benchmarks{measured_with(report.run, random)};
    const Calibration c = calibrate(resolve(parsed(kText, {}), catalog), benchmarks);
    for (const CalibratedConstant& constant : c.constants) {
      const bool step = constant.key == "latency.host.step_us", api = constant.key == "latency.host.api_ms";
      if (!constant.fitted || std::isnan(constant.low)) continue;
      EXPECT_LE(constant.low, *constant.fitted) << constant.key;
      EXPECT_GE(constant.high, *constant.fitted) << constant.key;
      if (!step && !api) continue;
      const double true_value = step ? step_us : api_ms;
      ++known;
      inside += constant.low <= true_value && true_value <= constant.high;
    }
  }
  EXPECT_GT(known, 0);
  GTEST_LOG_(INFO) << inside << " of " << known << " intervals hold the truth";
  EXPECT_GE(inside, 0.8 * known) << inside << " of " << known;
}

}  // namespace
}  // namespace blis
