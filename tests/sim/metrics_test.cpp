#include "sim/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace blis {
namespace {

// The definition, word for word: sort what was written out, interpolate as numpy does.
double naive_percentile(const std::vector<double>& sorted, double q) {
  const double index = static_cast<double>(sorted.size() - 1) * (q / 100);
  const auto below = static_cast<std::size_t>(std::floor(index));
  const double a = sorted[below], b = sorted[std::min(below + 1, sorted.size() - 1)];
  const double t = index - std::floor(index);
  return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

void expect_same(const Stats& stats, std::vector<double> values) {
  std::ranges::sort(values);
  ASSERT_EQ(stats.count, static_cast<std::int64_t>(values.size()));
  double sum = 0, squares = 0;
  for (const double v : values) sum += v;
  const double mean = sum / static_cast<double>(values.size());
  for (const double v : values) squares += (v - mean) * (v - mean);
  const double std = std::sqrt(squares / static_cast<double>(values.size()));
  EXPECT_NEAR(stats.mean, mean, 1e-12 * mean);
  EXPECT_NEAR(stats.std, std, 1e-9 * mean);
  EXPECT_EQ(stats.min, values.front());
  EXPECT_EQ(stats.max, values.back());
  EXPECT_EQ(stats.median, naive_percentile(values, 50));
  EXPECT_EQ(stats.p90, naive_percentile(values, 90));
  EXPECT_EQ(stats.p95, naive_percentile(values, 95));
  EXPECT_EQ(stats.p99, naive_percentile(values, 99));
}

std::vector<double> expanded_ms(const std::vector<Weighted>& samples) {
  std::vector<double> values;
  for (const Weighted& s : samples) {
    values.insert(values.end(), static_cast<std::size_t>(s.weight), static_cast<double>(s.value) / 1e6);
  }
  return values;
}

struct KnownPercentile {
  std::vector<double> values;
  double q;
  double expected;
};
class NumpyPercentile : public testing::TestWithParam<KnownPercentile> {};

TEST_P(NumpyPercentile, IsReproducedToTheLastBit) {
  std::vector<double> values = GetParam().values;
  EXPECT_EQ(percentile(values, GetParam().q), GetParam().expected);
}
// Expected: numpy 1.24.2, numpy.percentile(values, q).
INSTANTIATE_TEST_SUITE_P(
    Table, NumpyPercentile,
    testing::Values(KnownPercentile{{7}, 99, 7.0}, KnownPercentile{{2, 1}, 50, 1.5},
                    KnownPercentile{{3, 1, 2}, 0, 1.0}, KnownPercentile{{3, 1, 2}, 100, 3.0},
                    KnownPercentile{{0.1, 0.2, 0.3, 0.7}, 90, 0.5800000000000001},
                    KnownPercentile{{0.1, 0.2, 0.3, 0.7}, 33.3, 0.1999},
                    KnownPercentile{{1e-9, 1e9, 3.3}, 75, 500000001.65},
                    KnownPercentile{{11.7, 143.2, 98.71, 811.4, 5.5}, 99, 784.6719999999999}));

TEST(Percentile, OfNothingIsNaN) {
  EXPECT_TRUE(std::isnan(percentile({}, 50)));
  EXPECT_TRUE(std::isnan(stats_ms(std::vector<Weighted>{}).p99));
  EXPECT_EQ(stats_ms(std::span<double>{}).count, 0);
}

// Distributions that latencies have, and ones made to defeat equal buckets.
enum class Spread { even, heavy_tail, few_values, one_value, powers_of_two };

std::int64_t draw(Spread spread, std::mt19937_64& random) {
  switch (spread) {
    case Spread::even:
      return std::uniform_int_distribution<std::int64_t>(1, 50'000'000)(random);
    case Spread::heavy_tail: {
      const double u = std::uniform_real_distribution<>(1e-6, 1)(random);
      return static_cast<std::int64_t>(8e6 / u);
    }
    case Spread::few_values:
      return 1'000'000 * std::uniform_int_distribution<std::int64_t>(5, 8)(random);
    case Spread::one_value:
      return 12'345'678;
    case Spread::powers_of_two:
      return std::int64_t{1} << std::uniform_int_distribution<>(0, 50)(random);
  }
  return 0;
}

class RandomSamples : public testing::TestWithParam<Spread> {};

TEST_P(RandomSamples, WeightedStatisticsAreThoseOfTheExpandedSamples) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const auto count = std::uniform_int_distribution<std::size_t>(1, seed % 3 == 0 ? 1500 : 40)(random);
    std::vector<Weighted> samples(count);
    for (Weighted& s : samples) {
      s = {draw(GetParam(), random), std::uniform_int_distribution<std::int64_t>(1, 9)(random)};
    }
    expect_same(stats_ms(samples), expanded_ms(samples));
  }
}

TEST_P(RandomSamples, PlainStatisticsAreThoseOfTheSortedSamples) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<double> values(std::uniform_int_distribution<std::size_t>(1, 4000)(random));
    for (double& v : values) v = to_ms(Duration{draw(GetParam(), random)});
    const std::vector<double> copy = values;
    expect_same(stats_ms(values), copy);
  }
}

INSTANTIATE_TEST_SUITE_P(Spreads, RandomSamples,
                         testing::Values(Spread::even, Spread::heavy_tail, Spread::few_values,
                                         Spread::one_value, Spread::powers_of_two));

TEST(WeightedStatistics, HugeWeightsNeedNoMemory) {
  const Stats stats = stats_ms(std::vector<Weighted>{{10'000'000, 1'000'000'000'000}, {20'000'000, 1}});
  EXPECT_EQ(stats.count, 1'000'000'000'001);
  EXPECT_EQ(stats.p99, 10.0);
  EXPECT_EQ(stats.max, 20.0);
}

// Runs made by hand. One engine, one step every 10 ms from time 0: step i ends at 10 (i + 1) ms.
constexpr Duration kStep = std::chrono::milliseconds{10};

Time at_ms(std::int64_t ms) {
  return Time{std::chrono::milliseconds{ms}};
}

RunResult run_of_steps(std::size_t steps) {
  RunResult run;
  run.engines.resize(1);
  run.engines[0].num_blocks = 100;
  for (std::size_t i = 0; i < steps; ++i) {
    StepRecord step;
    step.start = Time{kStep * i};
    step.end = step.start + kStep;
    run.engines[0].steps.push_back(step);
  }
  return run;
}

// A request that gets its tokens in steps [first, last], arrives 5 ms before the first of them
// starts and is scheduled at once.
void add_request(RunResult& run, StepIndex first, StepIndex last) {
  EngineResult& engine = run.engines[0];
  RequestRecord r;
  r.scheduled = engine.steps[first].start;
  r.arrival = r.queued = r.scheduled - std::chrono::milliseconds{5};
  r.first_token = engine.steps[first].end;
  r.last_token = engine.steps[last].end;
  r.input_tokens = 100;
  r.output_tokens = static_cast<std::int32_t>(last - first + 1);
  r.outcome = Outcome::completed;
  r.tokens = {first, last, ~0u};
  ++engine.steps[first].prefills;
  for (StepIndex i = first + 1; i <= last; ++i) ++engine.steps[i].steady, ++engine.steps[i].decodes;
  run.requests.push_back(r);
}

TEST(Summary, CountsRequestsTokensAndTimeAsVllmDoes) {
  RunResult run = run_of_steps(10);
  add_request(run, 1, 4);  // arrives at 5 ms; tokens at 20, 30, 40, 50
  add_request(run, 2, 2);  // arrives at 15 ms; one token at 30
  RequestRecord refused;
  refused.arrival = at_ms(16);
  refused.outcome = Outcome::too_long;
  run.requests.push_back(refused);

  const Metrics m = summarize(run, {.goodput = {.ttft_ms = 15, .tpot_ms = 10, .e2el_ms = 20}});
  EXPECT_EQ(m.measured, 3);
  EXPECT_EQ(m.completed, 2);
  EXPECT_EQ(m.failed, 1);
  EXPECT_EQ(m.outcomes[static_cast<std::size_t>(Outcome::too_long)], 1);
  EXPECT_EQ(m.total_input_tokens, 200);
  EXPECT_EQ(m.total_output_tokens, 5);
  EXPECT_DOUBLE_EQ(m.duration_s, 0.045);
  EXPECT_DOUBLE_EQ(m.request_throughput, 2 / 0.045);
  EXPECT_DOUBLE_EQ(m.output_throughput, 5 / 0.045);
  EXPECT_DOUBLE_EQ(m.total_token_throughput, 205 / 0.045);
  EXPECT_DOUBLE_EQ(m.request_goodput.value(), 1 / 0.045);  // the first misses its end-to-end limit
  EXPECT_DOUBLE_EQ(m.attainment.value(), 1.0 / 3);
  EXPECT_EQ(m.max_concurrent_requests, 2);
  EXPECT_EQ(m.ttft.count, 2);
  EXPECT_EQ(m.ttft.max, 15.0);
  EXPECT_EQ(m.tpot.count, 1);  // undefined for a single token
  EXPECT_EQ(m.tpot.mean, 10.0);
  EXPECT_EQ(m.itl.count, 3);
  EXPECT_EQ(m.e2el.max, 45.0);
  EXPECT_EQ(m.queue.mean, 5.0);
}

TEST(Summary, WarmUpRequestsTakeTheirGapsWithThem) {
  RunResult run = run_of_steps(10);
  add_request(run, 1, 4);
  add_request(run, 2, 8);
  run.engines[0].steps[3].end += std::chrono::milliseconds{4};  // a gap of 14 ms for both, then one of 6
  const Metrics all = summarize(run);
  EXPECT_EQ(all.itl.count, 9);
  for (const MetricsOptions& options :
       {MetricsOptions{.warmup_requests = 1}, MetricsOptions{.warmup = std::chrono::milliseconds{15}}}) {
    const Metrics m = summarize(run, options);
    EXPECT_EQ(m.measured, 1);
    EXPECT_EQ(m.completed, 1);
    EXPECT_EQ(m.itl.count, 6);
    EXPECT_EQ(m.itl.max, 14.0);
    EXPECT_EQ(m.itl.min, 6.0);
    EXPECT_DOUBLE_EQ(m.duration_s, 0.075);
    EXPECT_EQ(m.max_concurrent_requests, 2);  // the system is not empty when measuring begins
  }
  EXPECT_EQ(summarize(run, {.warmup_requests = 5}).measured, 0);
}

TEST(Summary, APreemptedRequestHasOneOddGap) {
  RunResult run = run_of_steps(12);
  add_request(run, 1, 3);
  // Resumed: tokens again in steps 8 to 10.
  EngineResult& engine = run.engines[0];
  engine.intervals = {{1, 3, ~0u}};
  engine.odd_gaps = {{engine.steps[8].end - engine.steps[3].end, 0}};
  engine.steps[9].steady = engine.steps[10].steady = 1;
  RequestRecord& r = run.requests[0];
  r.tokens = {8, 10, 0};
  r.output_tokens = 6;
  r.last_token = engine.steps[10].end;

  using namespace std::chrono_literals;
  EXPECT_EQ(inter_token_gaps(run, r), (std::vector<Duration>{10ms, 10ms, 50ms, 10ms, 10ms}));
  const Metrics m = summarize(run);
  EXPECT_EQ(m.itl.count, 5);
  EXPECT_EQ(m.itl.max, 50.0);
  EXPECT_EQ(summarize(run, {.warmup_requests = 1}).itl.count, 0);
}

TEST(Summary, UnfinishedAndAbortedRequestsLeaveNoGaps) {
  for (const Outcome outcome : {Outcome::unfinished, Outcome::aborted}) {
    RunResult run = run_of_steps(10);
    add_request(run, 1, 4);
    add_request(run, 1, 6);
    run.requests[1].outcome = outcome;
    EXPECT_EQ(summarize(run).itl.count, 3);
    EXPECT_EQ(summarize(run).e2el.count, 1);
  }
}

TEST(Summary, PipelineBatchesAlternate) {
  RunResult run = run_of_steps(10);
  run.engines[0].regular_distance = 2;
  add_request(run, 1, 1);
  run.requests[0].tokens.last = 5;  // tokens in steps 1, 3, 5
  run.requests[0].output_tokens = 3;
  run.requests[0].last_token = run.engines[0].steps[5].end;
  for (const StepIndex i : {3u, 5u}) run.engines[0].steps[i].steady = 1, run.engines[0].steps[i].distance = 2;
  using namespace std::chrono_literals;
  EXPECT_EQ(inter_token_gaps(run, run.requests[0]), (std::vector<Duration>{20ms, 20ms}));
  EXPECT_EQ(summarize(run).itl.count, 2);
  EXPECT_EQ(summarize(run).itl.mean, 20.0);
  EXPECT_EQ(summarize(run, {.warmup_requests = 1}).itl.count, 0);
}

TEST(Summary, EngineFiguresAreWeightedByStepTime) {
  RunResult run = run_of_steps(3);
  EngineResult& engine = run.engines[0];
  engine.steps[2].end += 2 * kStep;  // 10, 10 and 30 ms
  engine.steps[0] = {engine.steps[0].start, engine.steps[0].end, 0, 4, 0, 0, 10};
  engine.steps[1] = {engine.steps[1].start, engine.steps[1].end, 0, 2, 0, 0, 60};
  engine.steps[2] = {engine.steps[2].start, engine.steps[2].end, 0, 1, 0, 0, 20};
  engine.steps[2].bound = CostPart::weights;
  engine.prefix = {.requests = 2, .queries = 200, .hits = 50};
  engine.preemptions = 3;
  const Metrics m = summarize(run);
  EXPECT_EQ(m.steps, 3);
  EXPECT_EQ(m.preemptions, 3);
  EXPECT_EQ(m.kv_blocks, 100);
  EXPECT_DOUBLE_EQ(m.prefix_hit_rate, 0.25);
  EXPECT_DOUBLE_EQ(m.kv_usage_mean, (0.1 + 0.6 + 3 * 0.2) / 5);
  EXPECT_DOUBLE_EQ(m.kv_usage_peak, 0.6);
  EXPECT_DOUBLE_EQ(m.batch_mean, (4 + 2 + 3 * 1) / 5.0);
  EXPECT_EQ(m.batch_peak, 4);
  EXPECT_DOUBLE_EQ(m.bound_by[CostPart::weights], 0.6);
  EXPECT_DOUBLE_EQ(m.bound_by[CostPart::host], 0.4);
}

TEST(Summary, PeakConcurrencyIsThatOfTheNaiveCount) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    RunResult run = run_of_steps(1);
    std::int64_t now = 0;
    for (int i = 0; i < 300; ++i) {
      RequestRecord r;
      now +=
          std::uniform_int_distribution<std::int64_t>(0, i % 50 == 0 ? 5000 : 3)(random);  // ties and lulls
      r.arrival = r.queued = r.scheduled = at_ms(now);
      r.first_token = r.last_token = at_ms(now + std::uniform_int_distribution<std::int64_t>(1, 40)(random));
      r.output_tokens = 1;
      r.outcome = i % 97 == 96 ? Outcome::unfinished : Outcome::completed;
      run.requests.push_back(r);
    }
    std::int64_t peak = 0;
    for (const RequestRecord& seen : run.requests) {
      std::int64_t present = 0;
      for (const RequestRecord& r : run.requests) {
        const bool ends_later = r.outcome == Outcome::unfinished || r.last_token > seen.arrival;
        present += r.arrival <= seen.arrival && ends_later;
      }
      peak = std::max(peak, present);
    }
    EXPECT_EQ(summarize(run).max_concurrent_requests, peak);
  }
}

TEST(Summary, APeakDuringWarmUpDoesNotCount) {
  RunResult run = run_of_steps(20);
  for (int i = 0; i < 3; ++i) add_request(run, 1, 8);
  add_request(run, 12, 14);
  EXPECT_EQ(summarize(run).max_concurrent_requests, 3);
  EXPECT_EQ(summarize(run, {.warmup_requests = 3}).max_concurrent_requests, 1);
}

TEST(Summary, OfAnEmptyRunHasNoFigures) {
  const Metrics m = summarize(RunResult{});
  EXPECT_EQ(m.measured, 0);
  EXPECT_EQ(m.duration_s, 0);
  EXPECT_TRUE(std::isnan(m.ttft.mean));
}

}  // namespace
}  // namespace blis
