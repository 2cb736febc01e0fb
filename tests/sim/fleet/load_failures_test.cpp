// Loads of KV blocks that bring nothing: the prompt is computed after all, or its request fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

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

// Prompts of two contents in turn, each of which evicts the other; or of more.
std::vector<ToyRequest> in_turn(int count, int contents = 2) {
  std::vector<ToyRequest> requests;
  for (int i = 0; i < count; ++i) requests.push_back(known(at_ms(500 * i), 7 + i % contents, 64, 2));
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

// 66 ms for each load, and a step for what the last one cannot bring. As in vLLM, the blocks that a load
// begun still needs are reserved, be it the same request's: there must be twice as many.
TEST(LoadFailures, AreTriedAgainWhereNothingIsComputed) {
  OnePool config = forgetful(0.5, true);
  config.engine.scheduler.num_blocks = 10;
  const RunResult result = run(config, in_turn(204, 4));
  std::map<std::int64_t, int> loads;
  for (std::size_t i = 4; i < result.requests.size(); ++i) {
    const RequestRecord& request = result.requests[i];
    EXPECT_EQ(request.outcome, Outcome::completed);
    const std::int64_t waited = ms(request.first_token) - ms(request.arrival) - 10;
    EXPECT_EQ(waited % 66, 0) << "request " << i;
    ++loads[waited / 66];
  }
  EXPECT_NEAR(loads[1], 100, 28) << "four standard deviations";
  EXPECT_NEAR(loads[2], 50, 24.5);
  EXPECT_GT(loads[3], 0);
}

// Two blocks are still here: what a failed load of 32 tokens did not bring is computed behind them, and
// nobody asks again.
TEST(LoadFailures, ArePutRightByComputingBehindAHit) {
  OnePool config = forgetful(1, true);
  config.engine.scheduler.num_blocks = 8;
  const RunResult result = run(config, in_turn(3));
  EXPECT_EQ(result.requests[2].outcome, Outcome::completed);
  EXPECT_EQ(ms(result.requests[2].first_token) - ms(result.requests[2].arrival), 32 + 2 + 10);
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
