#include "sim/fleet/simulation.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "blis/error.hpp"
#include "sim/metrics.h"
#include "sim/saturation.h"
#include "sim/vllm/scheduling_policy.h"
#include "tests/sim/fleet/same_requests.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using std::chrono::milliseconds;

TEST(Simulation, ARequestGetsItsFirstTokenAfterItsPrefillAndOneMoreEachStep) {
  const RunResult result = run(small(), {toy(at_ms(5), 50, 4)});
  const RequestRecord& r = result.requests[0];
  EXPECT_EQ(ms(r.queued), 5);
  EXPECT_EQ(ms(r.scheduled), 5);
  EXPECT_EQ(ms(r.first_token), 15);
  EXPECT_EQ(ms(r.last_token), 45);
  EXPECT_EQ(r.output_tokens, 4);
  EXPECT_EQ(r.outcome, Outcome::completed);
  EXPECT_EQ(result.engines[0].steps.size(), 4u);
}

TEST(Simulation, APromptLargerThanTheBudgetIsComputedInChunks) {
  const RunResult result = run(small(), {toy(at_ms(0), 150, 1)});
  EXPECT_EQ(ms(result.requests[0].first_token), 30);  // 64 + 64 + 22
  EXPECT_EQ(result.engines[0].steps[2].prefill_tokens, 22);
}

TEST(Simulation, AnArrivalDuringAStepWaitsForItsEnd) {
  const RunResult result = run(small(), {toy(at_ms(0), 10, 5), toy(at_ms(3), 10, 1)});
  EXPECT_EQ(ms(result.requests[1].queued), 10);
  EXPECT_EQ(ms(result.requests[1].first_token), 20);
}

TEST(Simulation, UnderAsynchronousSchedulingAnArrivalDuringStepKRunsInStepKPlus2) {
  const RunResult result = run(asynchronous(small()), {toy(at_ms(0), 10, 9), toy(at_ms(3), 10, 1)});
  EXPECT_EQ(ms(result.requests[1].scheduled), 10);
  EXPECT_EQ(ms(result.requests[1].first_token), 30);  // steps end at 10, 20, 30
}

TEST(Simulation, AllArrivalsOfAnInstantAreVisibleToTheStepPlannedThen) {
  const RunResult result = run(small(), {toy(at_ms(0), 10, 2), toy(at_ms(10), 10, 1), toy(at_ms(10), 10, 1)});
  EXPECT_EQ(ms(result.requests[1].first_token), 20);
  EXPECT_EQ(ms(result.requests[2].first_token), 20);
}

TEST(Simulation, TheClientsTimeIncludesWhatTheApiTakes) {
  OnePool config = small();
  config.api_latency = milliseconds{7};
  const RunResult result = run(config, {toy(at_ms(0), 10, 1)});
  EXPECT_EQ(ms(result.requests[0].queued), 7);
  EXPECT_EQ(ms(result.requests[0].first_token), 17);
}

TEST(Simulation, TheApiServerTakesLongerWhileItStreamsToOthers) {
  OnePool config = small();
  config.api_latency = milliseconds{7};
  config.api_latency_per_sequence = milliseconds{4};
  const RunResult result = run(
      config, {toy(at_ms(0), 10, 50), toy(at_ms(1), 10, 50), toy(at_ms(200), 10, 1), toy(at_ms(900), 10, 1)});
  EXPECT_EQ(ms(result.requests[0].queued), 7);
  EXPECT_EQ(ms(result.requests[1].queued), 17);   // 1 + 7 + 4, at the end of the step in flight
  EXPECT_EQ(ms(result.requests[2].queued), 217);  // 200 + 7 + 2 x 4
  EXPECT_EQ(ms(result.requests[3].queued), 907);  // nobody is left
}

TEST(Simulation, WhatIsSentLaterIsNeverSeenEarlier) {
  OnePool config = small();
  config.api_latency_per_sequence = milliseconds{300};
  const RunResult result = run(config, {toy(at_ms(0), 10, 3), toy(at_ms(1), 10, 1), toy(at_ms(100), 10, 1)});
  EXPECT_GE(result.requests[1].queued, at_ms(301));
  EXPECT_GE(result.requests[2].queued, result.requests[1].queued);
}

TEST(Simulation, RoundRobinGivesReplicasTheirTurn) {
  OnePool config = small();
  config.replicas = 3;
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 7; ++i) requests.push_back(toy(at_ms(i), 10, 3));
  const RunResult result = run(config, std::move(requests));
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(result.requests[i].replica, i % 3);
}

TEST(Simulation, PipelineBatchesOverlap) {
  OnePool config = small();
  config.engine.pipeline_stages = 2;
  config.engine.scheduler.batch_queue_size = 2;
  config.engine.scheduler.max_num_batched_tokens = 10;
  const RunResult result = run(config, {toy(at_ms(0), 20, 1)});
  const StepLog& steps = result.engines[0].steps;
  ASSERT_EQ(steps.size(), 2u);  // the first stage is free again after 10 ms
  EXPECT_EQ(ms(steps[0].end), 20);
  EXPECT_EQ(ms(steps[1].start), 10);
  EXPECT_EQ(ms(steps[1].end), 30);
}

TEST(Simulation, RanksInLockstepTakeTheTimeOfTheSlowest) {
  // Rank 0 computes 60 prompt tokens (6.2 ms), rank 1 ten (5.2 ms): both are done after 6.2 ms.
  const RunResult result = run(two_ranks(), {toy(at_ms(0), 60, 1), toy(at_ms(0), 10, 1)}, WorkLatency{});
  ASSERT_EQ(result.engines[0].steps.size(), 1u);
  EXPECT_EQ(since_start(result.requests[0].first_token), std::chrono::microseconds{6200});
  EXPECT_EQ(since_start(result.requests[1].first_token), std::chrono::microseconds{6200});
}

TEST(Simulation, ARankWithoutWorkTakesPartInEveryStep) {
  const RunResult result =
      run(two_ranks(), {toy(at_ms(0), 10, 9), toy(at_ms(0), 10, 2), toy(at_ms(55), 10, 2)});
  EXPECT_EQ(ms(result.requests[0].last_token), 90);
  EXPECT_EQ(ms(result.requests[2].first_token), 70) << "on the idle rank, in the step after the one at 55 ms";
  EXPECT_EQ(result.engines[0].steps.size(), 9u);
}

// Steps of 10 ms, two ranks that both decode; who comes at 15 ms would be in the step at 20 ms.
TEST(Simulation, RanksInLockstepBeginPrefillsInEveryNthStep) {
  for (const auto& [interval, begins] : {std::pair{1, 20}, {2, 20}, {3, 30}, {4, 40}, {7, 70}}) {
    OnePool config = two_ranks();
    config.engine.prefill_schedule_interval = interval;
    const RunResult result =
        run(config, {toy(at_ms(0), 10, 20), toy(at_ms(0), 10, 20), toy(at_ms(15), 10, 2)});
    EXPECT_EQ(ms(result.requests[2].scheduled), begins) << "interval " << interval;
  }
  OnePool lone = small();
  lone.engine.prefill_schedule_interval = 4;
  const RunResult alone = run(lone, {toy(at_ms(0), 10, 20), toy(at_ms(15), 10, 2)});
  EXPECT_EQ(ms(alone.requests[1].scheduled), 20) << "only ranks in lockstep wait for each other";
}

TEST(Simulation, ARankWhereNobodyDecodesHoldsNoPrefillBack) {
  OnePool config = two_ranks();
  config.engine.prefill_schedule_interval = 4;
  const RunResult result = run(config, {toy(at_ms(0), 10, 20), toy(at_ms(15), 10, 2)});
  EXPECT_EQ(ms(result.requests[1].scheduled), 20);
}

TEST(Simulation, StepsBetweenPrefillsAreCountedFromTheLastTimeAllRanksWereIdle) {
  OnePool config = two_ranks();
  config.engine.prefill_schedule_interval = 3;
  const RunResult result = run(config, {toy(at_ms(0), 10, 1), toy(at_ms(400), 10, 20),
                                        toy(at_ms(400), 10, 20), toy(at_ms(405), 10, 2)});
  EXPECT_EQ(ms(result.requests[3].scheduled), 430) << "the 32 steps before are not counted";
}

TEST(Simulation, DrainedRanksGoOnWithDummyBatchesUntilTheyAgree) {
  // The only step ends at 10 ms; 31 dummy steps follow, up to 320 ms.
  EXPECT_EQ(ms(run(two_ranks(), {toy(at_ms(0), 10, 1), toy(at_ms(44), 10, 1)}).requests[1].scheduled), 50);
  EXPECT_EQ(ms(run(two_ranks(), {toy(at_ms(0), 10, 1), toy(at_ms(344), 10, 1)}).requests[1].scheduled), 344);
  EXPECT_EQ(ms(run(small(), {toy(at_ms(0), 10, 1), toy(at_ms(44), 10, 1)}).requests[1].scheduled), 44);
}

struct LengthCase {
  OverLength policy;
  int prompt, output;
  Outcome outcome;
  int computed_prompt, generated;
};

class OverLengthTest : public testing::TestWithParam<LengthCase> {};

TEST_P(OverLengthTest, IsDecidedByThePolicyAndNamed) {
  const LengthCase& c = GetParam();
  OnePool config = small();  // max_model_len 512
  config.over_length = c.policy;
  const RunResult result = run(config, {toy(at_ms(0), c.prompt, c.output)});
  const RequestRecord& r = result.requests[0];
  EXPECT_EQ(r.outcome, c.outcome);
  EXPECT_EQ(r.input_tokens, c.computed_prompt);
  EXPECT_EQ(r.output_tokens, c.generated);
}

INSTANTIATE_TEST_SUITE_P(
    Table, OverLengthTest,
    testing::Values(LengthCase{OverLength::reject, 500, 12, Outcome::completed, 500, 12},
                    LengthCase{OverLength::reject, 500, 13, Outcome::length_capped, 500, 12},
                    LengthCase{OverLength::reject, 511, 9, Outcome::length_capped, 511, 1},
                    LengthCase{OverLength::reject, 512, 1, Outcome::too_long, 512, 0},
                    LengthCase{OverLength::clip, 512, 12, Outcome::completed, 500, 12},
                    LengthCase{OverLength::clip, 20, 600, Outcome::length_capped, 20, 492},
                    LengthCase{OverLength::skip, 500, 13, Outcome::dropped, 500, 0},
                    LengthCase{OverLength::skip, 500, 12, Outcome::completed, 500, 12}));

TEST(Simulation, WhatNeedsMoreBlocksThanThereAreIsRefusedAndTheRestIsServed) {
  OnePool config = small();
  config.engine.scheduler.num_blocks = 11;  // 160 tokens
  const RunResult result = run(config, {toy(at_ms(0), 150, 11), toy(at_ms(0), 150, 10)});
  EXPECT_EQ(result.requests[0].outcome, Outcome::never_fits);
  EXPECT_EQ(result.requests[1].outcome, Outcome::completed);
}

TEST(Simulation, AClientThatGivesUpIsAbortedAndItsBlocksServeOthers) {
  OnePool config = small();
  config.engine.scheduler.max_num_seqs = 1;
  ToyRequest impatient = toy(at_ms(0), 10, 100);
  impatient.spec.timeout = milliseconds{55};
  const RunResult result = run(config, {impatient, toy(at_ms(1), 10, 1)});
  EXPECT_EQ(result.requests[0].outcome, Outcome::aborted);
  EXPECT_EQ(ms(result.requests[0].last_token), 50);  // the step in flight at 55 ms is lost
  EXPECT_EQ(ms(result.requests[1].scheduled), 60);
  EXPECT_EQ(result.requests[1].outcome, Outcome::completed);
}

TEST(Simulation, AnAnswerThatComesAtTheTimeoutCounts) {
  ToyRequest r = toy(at_ms(0), 10, 5);
  r.spec.timeout = milliseconds{50};
  EXPECT_EQ(run(small(), {r}).requests[0].outcome, Outcome::completed);
}

TEST(Simulation, APreemptedRequestKeepsItsFirstTokenAndRecomputesTheRest) {
  OnePool config = small();
  config.engine.scheduler.num_blocks = 1 + 8;
  config.engine.scheduler.behaviour.reserve_full_isl = false;
  const RunResult result = run(config, {toy(at_ms(0), 30, 60), toy(at_ms(0), 30, 60)});
  const RequestRecord& victim = result.requests[1];
  EXPECT_EQ(victim.preemptions, 1);
  EXPECT_EQ(ms(victim.first_token), 10);
  EXPECT_EQ(victim.output_tokens, 60);
  EXPECT_NE(victim.tokens.previous, ~0u) << "its tokens came in two runs of steps";
  EXPECT_EQ(result.engines[0].odd_gaps.size(), 1u);
}

TEST(Simulation, EndlessMutualPreemptionIsNoticedAndNamed) {
  // Two requests of equal rank that outgrow the pool while their prompts are recomputed in small
  // pieces: each time one gets near its next token, the other takes its blocks. vLLM does the same.
  OnePool config = small();
  config.engine.scheduler.policy = "priority";
  config.engine.scheduler.block_size = 4;
  config.engine.scheduler.num_blocks = 1 + 8;
  config.engine.scheduler.max_model_len = 32;
  config.engine.scheduler.enable_prefix_caching = false;
  config.engine.scheduler.long_prefill_token_threshold = 5;
  config.engine.scheduler.behaviour.reserve_full_isl = false;
  std::vector<ToyRequest> requests{toy(at_ms(0), 7, 40), toy(at_ms(0), 7, 40),  toy(at_ms(30), 2, 5),
                                   toy(at_ms(30), 2, 5), toy(at_ms(150), 2, 5), toy(at_ms(160), 2, 5)};
  for (std::size_t i = 0; i < requests.size(); ++i) requests[i].spec.priority = i < 2 ? 1 : 2;
  try {
    run(config, requests);
    FAIL() << "went on for ever, and ended all the same";
  } catch (const InputError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::infeasible);
    EXPECT_NE(std::string(error.what()).find("endless mutual preemption"), std::string::npos);
  }
}

TEST(Simulation, SetsNoMemoryAsideForAllThatASourceExpects) {
  class Promising final : public RequestSource {
   public:
    bool next(RequestSpec& spec) override {
      spec = toy(at_ms(0), 10, 1).spec;
      return !std::exchange(over_, true);
    }
    std::optional<std::uint64_t> expected() const override { return ~std::uint64_t{0}; }

   private:
    bool over_ = false;
  };
  Promising source;
  const RunResult result = simulate(small(), FixedLatency(milliseconds{10}), source);
  EXPECT_EQ(result.requests.size(), 1u);
}

// Beside the last moments and the longest step that a run may have.
struct BeyondTheClock {
  const char* name;
  Time arrival;
  Duration step;
  int output_tokens;
  const char* error;  // nullptr: it is simulated
};
class ClockTest : public testing::TestWithParam<BeyondTheClock> {};

TEST_P(ClockTest, IsRefusedInWordsAndNotWrappedAround) {
  const BeyondTheClock& c = GetParam();
  for (const OnePool& plain : {small(), asynchronous(small()), two_ranks(), pipeline(3)}) {
    OnePool config = plain;
    config.engine.scheduler.max_model_len = 1 << 20;
    config.engine.scheduler.num_blocks = 1 << 17;
    std::string error;
    try {
      run(config, {toy(c.arrival, 10, c.output_tokens)}, FixedLatency(c.step));
    } catch (const InputError& refused) {
      error = refused.problems().front().message;
    }
    EXPECT_EQ(error, c.error == nullptr ? "" : c.error);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Moments, ClockTest,
    testing::Values(BeyondTheClock{"LastStep", kLastTime - milliseconds{200}, milliseconds{10}, 5, nullptr},
                    BeyondTheClock{"ArrivalAfter", kLastTime + Duration{1}, milliseconds{10}, 1,
                                   "request 0 would be sent after more than 73 years"},
                    BeyondTheClock{"StepsAfter", kLastTime, milliseconds{10}, 20,
                                   "the run takes more than 73 years of simulated time"},
                    BeyondTheClock{"LongestStep", at_ms(0), kLongestStep, 1, nullptr},
                    BeyondTheClock{"LongerStep", at_ms(0), kLongestStep + std::chrono::hours{1}, 1,
                                   "the latency model prices a step at 1129499.906843 s"},
                    BeyondTheClock{"EndlessStep", at_ms(0), Duration{std::int64_t{1} << 62}, 1,
                                   "the latency model prices a step at 4611686018.427388 s"},
                    BeyondTheClock{"ManyLongSteps", at_ms(0), kLongestStep, 100'000,
                                   "the run takes more than 73 years of simulated time"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Simulation, StopsWhenAskedAndSaysSo) {
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 5000; ++i) requests.push_back(toy(at_ms(i * 100), 10, 3));
  ListSource source(std::move(requests));
  const RunResult result = simulate(small(), FixedLatency{milliseconds{10}}, source,
                                    [](const Progress& p) { return p.finished < 1000; });
  EXPECT_TRUE(result.interrupted);
  EXPECT_GE(result.requests.size(), 1000u);
  EXPECT_LT(result.requests.size(), 5000u);
}

// ---------------------------------------------------------------- properties

TEST(SimulationProperty, EveryRequestEndsOnceAndNoStepExceedsItsLimits) {
  for (const auto& [name, config] : variants()) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      SCOPED_TRACE(testing::Message() << name << ", seed " << seed);
      std::mt19937_64 rng(seed);
      const RunResult result = run(config, random_traffic(rng, 120, 200, 60, 12.0), WorkLatency{});
      ASSERT_EQ(result.requests.size(), 120u);
      for (const RequestRecord& r : result.requests) {
        ASSERT_NE(r.outcome, Outcome::unfinished);
        if (r.outcome != Outcome::completed) continue;
        EXPECT_LE(r.arrival, r.queued);
        EXPECT_LE(r.queued, r.scheduled);
        EXPECT_LT(r.scheduled, r.first_token);
        EXPECT_LE(r.first_token, r.last_token);
        EXPECT_EQ(r.first_token == r.last_token, r.output_tokens == 1);
      }
      const int ranks = config.engine.data_parallel_ranks;
      Time previous{};
      for (const StepRecord& step : result.engines[0].steps) {
        EXPECT_LE(step.prefill_tokens + step.decodes, ranks * config.engine.scheduler.token_budget());
        EXPECT_LE(step.running, ranks * config.engine.scheduler.max_num_seqs);
        EXPECT_LE(step.used_blocks, ranks * (config.engine.scheduler.num_blocks - 1));
        EXPECT_LT(step.start, step.end);
        EXPECT_LE(previous, step.end);
        previous = step.end;
      }
    }
  }
}

TEST(SimulationProperty, RunningAheadChangesNothing) {
  for (auto& [name, config] : variants()) {
    for (std::uint64_t seed = 100; seed < 105; ++seed) {
      SCOPED_TRACE(testing::Message() << name << ", seed " << seed);
      std::mt19937_64 rng(seed);
      const std::vector<ToyRequest> requests = random_traffic(rng, 150, 250, 80, 10.0);
      const RunResult ahead = run(config, requests, WorkLatency{});
      OnePool plain_config = config;
      plain_config.engine.run_ahead = false;
      const RunResult plain = run(plain_config, requests, WorkLatency{});
      ASSERT_NO_FATAL_FAILURE(expect_same_requests(ahead, plain));
      const StepLog& x = ahead.engines[0].steps;
      const StepLog& y = plain.engines[0].steps;
      ASSERT_EQ(x.size(), y.size());
      for (std::size_t i = 0; i < x.size(); ++i) {
        ASSERT_EQ(x[i].decodes, y[i].decodes) << i;
        ASSERT_EQ(x[i].decode_context, y[i].decode_context) << i;
        ASSERT_EQ(x[i].steady, y[i].steady) << i;
        ASSERT_EQ(x[i].used_blocks, y[i].used_blocks) << i;
      }
      EXPECT_EQ(ahead.engines[0].prefix, plain.engines[0].prefix);
    }
  }
}

TEST(SimulationProperty, WorkIsConservedAcrossPolicies) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 rng(seed);
    const std::vector<ToyRequest> requests = random_traffic(rng, 100, 200, 60, 10.0);
    std::map<std::string_view, std::int64_t> generated;
    for (const PolicyRow& policy : kSchedulingPolicies) {
      OnePool config = small();
      config.engine.scheduler.policy = policy.name;
      for (const RequestRecord& r : run(config, requests).requests) generated[policy.name] += r.output_tokens;
    }
    for (const auto& [name, tokens] : generated) EXPECT_EQ(tokens, generated["fcfs"]) << name;
  }
}

TEST(SimulationProperty, FirstTokensAreTheSameWhetherOrNotARequestIsPreemptedLater) {
  // A first token that came before the first preemption anywhere does not depend on how many
  // blocks there are.
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 rng(seed);
    const std::vector<ToyRequest> requests = random_traffic(rng, 60, 60, 60, 20.0);
    OnePool roomy = small();
    roomy.engine.scheduler.behaviour.reserve_full_isl = false;
    roomy.engine.scheduler.enable_prefix_caching = false;
    OnePool tight = roomy;
    tight.engine.scheduler.num_blocks = 31;
    const RunResult a = run(roomy, requests), b = run(tight, requests);
    ASSERT_EQ(a.engines[0].preemptions, 0);
    Time first_preemption = kNever;
    for (const StepRecord& step : b.engines[0].steps) {
      if (step.preemptions > 0 || step.waiting > 0) first_preemption = std::min(first_preemption, step.start);
    }
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (b.requests[i].first_token <= first_preemption) {
        EXPECT_EQ(since_start(a.requests[i].first_token), since_start(b.requests[i].first_token)) << i;
      }
    }
  }
}

// 10 ms in each stage, of which 4 ms only once.
class CostOnce final : public LatencyModel {
 public:
  StepCost step(const StepShape&) const override {
    StepCost cost;
    cost.total = Seconds{0.010};
    cost[CostPart::host] = cost.once = Seconds{0.004};
    return cost;
  }
};

TEST(Pipeline, ABatchPaysTheHostOnce) {
  const RunResult result = run(pipeline(4), {toy(at_ms(0), 10, 3)}, CostOnce{});
  EXPECT_EQ(result.requests[0].first_token, at_ms(10 + 3 * 6));
  EXPECT_EQ(result.requests[0].last_token, at_ms(3 * (10 + 3 * 6)));
}

TEST(Simulation, RequestsWhoseClientsGiveUpWereInTheSystemUntilThen) {
  // One at a time, 500 ms each, and one sent every 100 ms: nearly all wait for their 2 s and give up.
  OnePool config = small();
  config.engine.scheduler.max_num_seqs = 1;
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 600; ++i) {
    requests.push_back(toy(at_ms(100 * i), 10, 50));
    requests.back().spec.timeout = std::chrono::seconds{2};
  }
  const RunResult result = run(config, requests);
  for (const RequestRecord& r : result.requests) {
    if (r.outcome == Outcome::completed) continue;
    ASSERT_EQ(r.outcome, Outcome::aborted);
    ASSERT_EQ(departure(r), r.arrival + std::chrono::seconds{2});
  }
  EXPECT_GE(summarize(result).max_concurrent_requests, 18);
  EXPECT_NE(assess_saturation(result).kind, Saturation::Kind::none);
}

}  // namespace
}  // namespace blis
