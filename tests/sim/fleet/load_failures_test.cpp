// Loads of KV blocks that bring nothing: the prompt is computed after all, or its request fails.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

// A token takes a millisecond on the link, a transfer 2 ms more. Steps of 10 ms; the GPU's blocks hold one
// prompt: the second evicts the first.
OnePool forgetful(double failing, bool recompute) {
  OnePool config = small();
  config.engine.scheduler.num_blocks = 6;
  config.engine.scheduler.max_model_len = 96;
  config.engine.store = {
      .token_bytes = 1000, .bytes_per_second = 1e6, .latency = std::chrono::milliseconds{2}};
  config.engine.failing_loads = failing;
  config.engine.recompute_failed_loads = recompute;
  return config;
}

// Prompts of two contents in turn, each of which evicts the other.
std::vector<ToyRequest> in_turn(int count) {
  std::vector<ToyRequest> requests;
  for (int i = 0; i < count; ++i) requests.push_back(known(at_ms(500 * i), 7 + i % 2, 64, 2));
  return requests;
}

TEST(LoadFailures, FailTheRequestWhenTheLoadWouldHaveEnded) {
  const RunResult result = run(forgetful(1, false), in_turn(4));
  EXPECT_EQ(result.requests[1].outcome, Outcome::completed) << "nothing was there to be loaded";
  EXPECT_EQ(result.requests[2].outcome, Outcome::failed);
  EXPECT_EQ(result.requests[2].output_tokens, 0);
  EXPECT_NEAR(static_cast<double>(ms(result.requests[2].ended)), 1066, 1)
      << "64 + 2 ms after it was admitted";
  EXPECT_EQ(result.requests[3].outcome, Outcome::failed) << "its blocks are free again";
}

TEST(LoadFailures, ArePutRightByComputing) {
  const RunResult result = run(forgetful(1, true), in_turn(4));
  for (const RequestRecord& request : result.requests) EXPECT_EQ(request.outcome, Outcome::completed);
  // Known 66 ms after it was admitted, and computed in a step then.
  EXPECT_NEAR(static_cast<double>(ms(result.requests[2].first_token)), 1076, 1);
  EXPECT_EQ(result.requests[2].output_tokens, 2);
}

TEST(LoadFailures, AreAsManyAsTheShareAndTheSameForASeed) {
  OnePool config = forgetful(0.25, false);
  config.seed = 11;
  const auto failed = [&] {
    const RunResult result = run(config, in_turn(400));
    return std::ranges::count(result.requests, Outcome::failed, &RequestRecord::outcome);
  };
  const auto first = failed();
  EXPECT_NEAR(static_cast<double>(first), 0.25 * 398, 4 * 8.6) << "four standard deviations";
  EXPECT_EQ(failed(), first);
}

}  // namespace
}  // namespace blis
