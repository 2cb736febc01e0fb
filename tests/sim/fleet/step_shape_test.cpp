// What the engine asks a latency model to price, and between which ranks it chooses.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using std::chrono::milliseconds;

// Every step takes 10 ms, and its shape is kept (without its chunks).
class Recorder final : public LatencyModel {
 public:
  StepCost step(const StepShape& shape) const override {
    shapes.push_back(shape);
    return FixedLatency{milliseconds{10}}.step(shape);
  }
  mutable std::vector<StepShape> shapes;
};

TEST(StepShape, ADraftIsARowOfTheHeadAsWellAsItsSequence) {
  OnePool config = small();
  config.engine.scheduler.num_spec_tokens = config.engine.scheduler.spec_lookahead = 3;
  config.engine.acceptance = {1, 1, 1};
  for (const bool run_ahead : {true, false}) {
    config.engine.run_ahead = run_ahead;
    const Recorder recorder;
    run(config, {toy(at_ms(0), 10, 41), toy(at_ms(0), 10, 41)}, recorder);
    ASSERT_EQ(recorder.shapes.front().sampled, 2) << "two prompts end";
    const auto drafted = std::ranges::count_if(recorder.shapes, [](const StepShape& s) {
      return s.decodes == 2 && s.decode_tokens == 8 && s.sampled == 8;
    });
    EXPECT_GE(drafted, 9) << "forty tokens after the first, four a step";
  }
}

// A millisecond, and one more for each prompt token.
class PromptLatency final : public LatencyModel {
 public:
  StepCost step(const StepShape& s) const override {
    StepCost cost;
    cost.total = Seconds{1e-3 * static_cast<double>(1 + s.prefill_tokens)};
    return cost;
  }
};

// How long the step with two prompts of ten tokens takes that arrive together while `running` requests run
// on the first rank and none on the second: 11 ms on two ranks, 21 ms on one.
std::int64_t step_with_two_prompts_ms(int running, RankBalanceRule rule) {
  std::vector<ToyRequest> requests;
  for (int i = 0; i < running; ++i) {
    requests.push_back(toy(at_ms(0), 1, 300));
    requests.push_back(toy(at_ms(0), 1, 2));
  }
  for (int i = 0; i < 2; ++i) requests.push_back(toy(at_ms(100), 10, 1));
  OnePool config = two_ranks();
  config.engine.rank_balance = rule;
  const RunResult result = run(config, requests, PromptLatency{});
  const RequestRecord& last = result.requests.back();
  EXPECT_EQ(last.scheduled, result.requests[result.requests.size() - 2].scheduled);
  return std::chrono::duration_cast<milliseconds>(last.first_token - last.started).count();
}

TEST(LockstepRanks, AWaitingRequestWeighedAsMuchAsFourRunning) {
  const RankBalanceRule old{.by_queues = true, .rotates_ties = false};
  EXPECT_EQ(step_with_two_prompts_ms(3, old), 11) << "one waits on the second rank: three running weigh less";
  EXPECT_EQ(step_with_two_prompts_ms(4, old), 11) << "of equals the first rank";
  EXPECT_EQ(step_with_two_prompts_ms(5, old), 21) << "one waiting weighs less than five running";
}

TEST(LockstepRanks, AWaitingRequestWeighsAsMuchAsARunningOne) {
  EXPECT_EQ(step_with_two_prompts_ms(2, {}), 21) << "one waiting is less than two running";
}

// While all decode, what a window leaves behind may be what somebody waits for, who is admitted in that step.
TEST(RunAhead, StopsAtEachStepThatMayFreeBlocksForSomebodyWhoWaits) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 rng(seed);
    OnePool config = seed % 2 == 0 ? small() : asynchronous(small());
    config.engine.scheduler.kv_groups = seed % 4 < 2 ? attention_groups({32}) : attention_groups({0, 32});
    config.engine.scheduler.num_blocks = 10 + static_cast<int>(rng() % 24);
    config.engine.scheduler.enable_prefix_caching = seed % 3 == 0;
    config.engine.attention_window = 32;
    const std::vector<ToyRequest> requests = random_traffic(rng, 60, 120, 120, 40.0);
    const RunResult ahead = run(config, requests);
    config.engine.run_ahead = false;
    const RunResult plain = run(config, requests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      ASSERT_EQ(ahead.requests[i].scheduled, plain.requests[i].scheduled) << i;
      ASSERT_EQ(ahead.requests[i].last_token, plain.requests[i].last_token) << i;
    }
  }
}

// A request decodes in the first of three steps that overlap, and others' prefills make the next ones longer
// than its next token is away.
TEST(Pipeline, AStretchIsNeverLongerThanTheGapBetweenTokens) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 rng(seed);
    const RunResult result = run(pipeline(3), random_traffic(rng, 120, 200, 60, 12.0), PromptLatency{});
    for (const RequestRecord& r : result.requests) {
      ASSERT_LE(r.stretch + r.passed_over, r.last_token - r.first_token);
    }
  }
}

}  // namespace
}  // namespace blis
