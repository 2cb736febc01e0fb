// POST /reset_prefix_cache at given times, as after new weights: with steps in flight, and while nobody runs.
#include <gtest/gtest.h>

#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

ToyRequest known(Time arrival, int prompt, int output) {
  ToyRequest request = toy(arrival, prompt, output);
  request.prompt = {{7, prompt}};
  return request;
}

OnePool reset_at(OnePool config, std::vector<Time> times, bool reset_running_requests) {
  config.engine.prefix_cache_resets = std::move(times);
  config.engine.reset_running_requests = reset_running_requests;
  return config;
}

TEST(PrefixCacheReset, ForgetsWhatNobodyHolds) {
  const std::vector<ToyRequest> requests{known(at_ms(0), 60, 2), known(at_ms(500), 60, 2),
                                         known(at_ms(1000), 60, 2)};
  const RunResult result = run(reset_at(small(), {at_ms(700)}, false), requests);
  EXPECT_EQ(result.requests[1].hit_tokens, 48);
  EXPECT_EQ(result.requests[2].hit_tokens, 0);
  EXPECT_EQ(result.engines[0].resets, 1);
  EXPECT_EQ(result.engines[0].failed_resets, 0);
}

TEST(PrefixCacheReset, FailsWhileSomebodyRuns) {
  const std::vector<ToyRequest> requests{known(at_ms(0), 60, 50), known(at_ms(300), 60, 2)};
  const RunResult result = run(reset_at(small(), {at_ms(200)}, false), requests);
  EXPECT_EQ(result.engines[0].failed_resets, 1);
  EXPECT_EQ(result.requests[1].hit_tokens, 48);
}

// Twenty steps are done at 200 ms, and with them twenty tokens. Then its prompt and they are computed again,
// in two steps of 64 tokens.
TEST(PrefixCacheReset, PreemptsWhoRuns) {
  const RunResult result = run(reset_at(small(), {at_ms(195)}, true), {known(at_ms(0), 60, 50)});
  const RequestRecord& request = result.requests[0];
  EXPECT_EQ(result.engines[0].failed_resets, 0);
  EXPECT_EQ(result.engines[0].preemptions, 1);
  EXPECT_EQ(request.preemptions, 1);
  EXPECT_EQ(request.output_tokens, 50);
  EXPECT_EQ(since_start(request.last_token), (50 + 1) * 10ms);
  EXPECT_EQ(result.engines[0].steps[20].prefill_tokens, 64);
  EXPECT_EQ(result.engines[0].steps[20].preemptions, 1);
}

// The token of the step in flight is dropped, and made again.
TEST(PrefixCacheReset, DropsWhatIsInFlight) {
  const RunResult result =
      run(reset_at(asynchronous(small()), {at_ms(195)}, true), {known(at_ms(0), 60, 50)});
  EXPECT_EQ(result.requests[0].output_tokens, 50);
  EXPECT_EQ(since_start(result.requests[0].last_token), (50 + 1 + 1) * 10ms);
}

TEST(PrefixCacheReset, IsTheSameStepByStepAndRunAhead) {
  for (const Variant& variant : variants()) {
    for (const bool running : {false, true}) {
      std::mt19937_64 rng(17);
      const std::vector<ToyRequest> requests = random_traffic(rng, 100, 200, 60, 10.0);
      OnePool config = reset_at(variant.config, {at_ms(33), at_ms(400), at_ms(401), at_ms(2000)}, running);
      const RunResult ahead = run(config, requests);
      config.engine.run_ahead = false;
      const RunResult plain = run(config, requests);
      ASSERT_EQ(ahead.engines[0].steps.size(), plain.engines[0].steps.size()) << variant.name;
      for (std::size_t i = 0; i < ahead.requests.size(); ++i) {
        EXPECT_EQ(ahead.requests[i].outcome, Outcome::completed) << variant.name;
        EXPECT_EQ(ahead.requests[i].last_token, plain.requests[i].last_token) << variant.name << ' ' << i;
        EXPECT_EQ(ahead.requests[i].hit_tokens, plain.requests[i].hit_tokens) << variant.name << ' ' << i;
      }
    }
  }
}

}  // namespace
}  // namespace blis
