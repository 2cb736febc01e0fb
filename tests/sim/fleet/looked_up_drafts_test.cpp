// Drafts that are looked up: how many there are differs from step to step.
#include <gtest/gtest.h>

#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

OnePool drafting(std::vector<double> drafted, std::vector<double> acceptance) {
  OnePool config = small();
  config.engine.scheduler.num_spec_tokens = 3;
  config.engine.scheduler.behaviour.pad_rule =
      PadRule::none;  // an admission is widened for drafts it has not
  config.engine.drafted = std::move(drafted);
  config.engine.acceptance = std::move(acceptance);
  return config;
}

TEST(LookedUpDrafts, WithoutAnyFoundStepsAreThoseWithoutSpeculation) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    std::mt19937_64 rng(seed);
    const std::vector<ToyRequest> requests = random_traffic(rng, 80, 120, 40, 12);
    const RunResult none = run(drafting({0, 0, 0}, {1, 1, 1}), requests, WorkLatency{});
    OnePool plain = small();
    plain.engine.run_ahead = false;
    const RunResult without = run(plain, requests, WorkLatency{});
    ASSERT_EQ(none.engines[0].steps.size(), without.engines[0].steps.size()) << "seed " << seed;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      ASSERT_EQ(none.requests[i].last_token, without.requests[i].last_token) << "seed " << seed << ", " << i;
    }
  }
}

TEST(LookedUpDrafts, AStepAcceptsNoMoreThanItHas) {
  // A first token, then two a step: one draft is found each time and always accepted.
  const RunResult one = run(drafting({1, 0, 0}, {1, 1, 1}), {toy(at_ms(0), 10, 11)});
  EXPECT_EQ(one.engines[0].steps.size(), 6u);
  const RunResult three = run(drafting({1, 1, 1}, {1, 1, 1}), {toy(at_ms(0), 10, 13)});
  EXPECT_EQ(three.engines[0].steps.size(), 4u);
}

TEST(LookedUpDrafts, AreFoundInSoManyOfTheSteps) {
  // A draft is found in half of the steps: 1.5 tokens a step on average.
  const RunResult half = run(drafting({0.5, 0, 0}, {1, 1, 1}), {toy(at_ms(0), 10, 400)});
  EXPECT_NEAR(static_cast<double>(half.engines[0].steps.size()), 400 / 1.5, 25);
}

}  // namespace
}  // namespace blis
