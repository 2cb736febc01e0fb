#include "sim/attribution.h"

#include <gtest/gtest.h>

#include <numeric>

#include "sim/metrics.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using std::chrono::milliseconds;

std::int64_t ms(Duration d) {
  EXPECT_EQ(d % milliseconds{1}, Duration{0});
  return d / milliseconds{1};
}

Attribution of(const RunResult& result, std::size_t request) {
  return Attributor(result).of(result.requests[request]);
}

// Ten milliseconds, and one more for each prefill token beside decodes.
class StretchLatency final : public LatencyModel {
 public:
  StepCost step(const StepShape& s) const override {
    StepCost cost;
    cost.total = cost[CostPart::compute] =
        Seconds{0.010 + (s.decodes > 0 ? 0.001 * static_cast<double>(s.prefill_tokens) : 0)};
    return cost;
  }
};

TEST(Attribution, OfALoneRequestIsApiPrefillAndDecode) {
  OnePool config = small();
  config.api_latency = milliseconds{7};
  const Attribution a = of(run(config, {toy(at_ms(0), 100, 4)}), 0);
  EXPECT_EQ(ms(a[Part::api]), 7);
  EXPECT_EQ(ms(a[Part::prefill]), 20);  // two chunks of at most 64 tokens
  EXPECT_EQ(ms(a[Part::decode]), 30);
  for (Part part : {Part::step_wait, Part::batch_wait, Part::kv_wait, Part::chunk_wait, Part::stretch,
                    Part::preemption}) {
    EXPECT_EQ(ms(a[part]), 0) << to_string(part);
  }
}

TEST(Attribution, TheStepInFlightIsNoQueueTime) {
  const RunResult plain = run(small(), {toy(at_ms(0), 10, 5), toy(at_ms(3), 10, 1)});
  EXPECT_EQ(ms(of(plain, 1)[Part::step_wait]), 7);
  EXPECT_EQ(ms(of(plain, 1)[Part::batch_wait]), 0);
  // Under asynchronous scheduling it waits for the step that was planned already, too.
  const RunResult result = run(asynchronous(small()), {toy(at_ms(0), 10, 9), toy(at_ms(3), 10, 1)});
  EXPECT_EQ(ms(of(result, 1)[Part::step_wait]), 17);
  EXPECT_EQ(summarize(result).queue.max, 0);
}

TEST(Attribution, WhatPrefillsAddToADecodesStepsIsStretch) {
  const RunResult result = run(small(), {toy(at_ms(0), 10, 5), toy(at_ms(1), 20, 1)}, StretchLatency{});
  const Attribution first = of(result, 0);
  EXPECT_EQ(ms(first[Part::stretch]), 20);
  EXPECT_EQ(ms(first[Part::decode]), 40);
  EXPECT_EQ(ms(of(result, 1)[Part::prefill]), 30) << "the step is the newcomer's own prefill";
}

TEST(Attribution, AHeadThatBlocksRefuseMakesEverybodyBehindItWaitForBlocks) {
  OnePool config = small();
  config.engine.scheduler.num_blocks = 1 + 8;
  // 100 tokens hold seven blocks of eight until 0 has its six tokens at 70 ms.
  const RunResult result = run(config, {toy(at_ms(0), 100, 6), toy(at_ms(0), 50, 1), toy(at_ms(0), 5, 1)});
  EXPECT_EQ(ms(of(result, 1)[Part::kv_wait]), 60);
  EXPECT_EQ(ms(of(result, 1)[Part::batch_wait]), 10) << "the first step had no tokens left";
  EXPECT_EQ(ms(of(result, 2)[Part::kv_wait]), 60);
}

TEST(Attribution, AGapAfterAPreemptionIsPreemption) {
  OnePool config = small();
  config.engine.scheduler.num_blocks = 1 + 8;
  config.engine.scheduler.behaviour.reserve_full_isl = false;
  const RunResult result = run(config, {toy(at_ms(0), 30, 60), toy(at_ms(0), 30, 60)});
  const Attribution a = of(result, 1);
  EXPECT_EQ(a[Part::preemption], result.engines[0].odd_gaps[0].gap);
  EXPECT_EQ(ms(a[Part::decode]), 58 * 10) << "of 59 gaps one is odd";
}

TEST(Attribution, APreemptionBeforeTheFirstTokenLosesWhatWasComputed) {
  OnePool config = small();
  config.engine.scheduler.num_blocks = 1 + 10;
  config.engine.scheduler.enable_prefix_caching = false;
  config.engine.scheduler.behaviour.reserve_full_isl = false;
  config.engine.scheduler.long_prefill_token_threshold = 16;
  // 1 takes a block a step while 0 decodes; both need all ten.
  const RunResult result = run(config, {toy(at_ms(0), 60, 50), toy(at_ms(0), 140, 2)});
  const RequestRecord& r = result.requests[1];
  ASSERT_GE(r.preemptions, 1);
  const Attribution a = of(result, 1);
  EXPECT_GT(a[Part::preemption], Duration{0});
  EXPECT_EQ(ms(a[Part::prefill]), 90) << "nine chunks of 16 tokens, the last time";
  EXPECT_EQ(ms(a[Part::decode]), 10);
}

// Prefill steps of a pipeline overlap, so that they sum to more than there is beside what was lost.
TEST(Attribution, OverlappingPrefillStepsCountOnceBesideWhatWasLost) {
  RunResult run;
  run.engines.resize(1);
  RequestRecord r;
  r.arrival = r.visible = r.queued = r.scheduled = r.started = at_ms(0);
  r.first_token = r.last_token = at_ms(100);
  r.prefill = milliseconds{90};
  r.lost = milliseconds{30};
  r.input_tokens = 10;
  r.output_tokens = 1;
  r.preemptions = 1;
  r.outcome = Outcome::completed;
  run.requests.push_back(r);
  const Attribution a = of(run, 0);
  EXPECT_EQ(ms(a[Part::prefill]), 70);
  EXPECT_EQ(ms(a[Part::preemption]), 30);
  EXPECT_EQ(ms(a[Part::chunk_wait]), 0);
}

TEST(Attribution, AnEmptyPipelinePassesNobodyOver) {
  // Alone, a request gets a token in every step, though four batches would fit.
  const RunResult result = run(pipeline(4), {toy(at_ms(0), 10, 100)});
  const Attribution a = of(result, 0);
  EXPECT_EQ(ms(a[Part::chunk_wait]), 0);
  EXPECT_EQ(ms(a[Part::decode]), 99 * 40) << "of 10 ms in each of four stages";
  EXPECT_TRUE(result.engines[0].intervals.empty());
  EXPECT_TRUE(result.engines[0].odd_gaps.empty());
  EXPECT_EQ(summarize(result).itl.count, 99);
}

TEST(AttributionProperty, PartsSumToTheWholeTheQueueTimeIsTwoOfThemAndNoneIsNegative) {
  for (auto& [name, config] : variants()) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      for (const bool run_ahead : {true, false}) {
        SCOPED_TRACE(testing::Message() << name << ", seed " << seed << (run_ahead ? "" : ", step by step"));
        config.engine.run_ahead = run_ahead;
        config.api_latency = milliseconds{3};
        std::mt19937_64 rng(seed);
        const RunResult result = run(config, random_traffic(rng, 120, 200, 60, 12.0), WorkLatency{});
        const Attributor attributor(result);
        for (const RequestRecord& r : result.requests) {
          if (!has_full_answer(r)) continue;
          const Attribution a = attributor.of(r);
          for (int part = 0; part < kParts; ++part) {
            ASSERT_GE(a[static_cast<Part>(part)], Duration{0}) << to_string(static_cast<Part>(part));
          }
          ASSERT_EQ(a[Part::batch_wait] + a[Part::kv_wait], r.scheduled - r.queued);
          ASSERT_EQ(std::accumulate(a.parts.begin(), a.parts.end(), Duration{0}), r.last_token - r.arrival);
        }
      }
    }
  }
}

}  // namespace
}  // namespace blis
