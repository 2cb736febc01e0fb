// KV blocks that are written outside the GPU and read back: when, and how long it takes.
#include <gtest/gtest.h>

#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

std::int64_t ms(Time t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_start(t)).count();
}

// A token takes a millisecond on the link, a transfer 2 ms more. Steps of 10 ms, 64 tokens each.
OnePool with_store(OnePool config, bool asynchronous) {
  config.engine.store = {.token_bytes = 1000,
                         .bytes_per_second = 1e6,
                         .latency = std::chrono::milliseconds{2},
                         .asynchronous = asynchronous};
  return config;
}

// A prompt that others may have, too.
ToyRequest known(Time arrival, ContentId content, int prompt, int output) {
  ToyRequest request = toy(arrival, prompt, output);
  request.prompt = {{content, prompt}};
  return request;
}

// The GPU's blocks hold one prompt: the second evicts the first.
OnePool forgetful() {
  OnePool config = small();
  config.engine.scheduler.num_blocks = 6;
  config.engine.scheduler.max_model_len = 96;
  return config;
}

TEST(ExternalStore, AnEvictedPrefixIsReadBack) {
  for (const bool asynchronous : {true, false}) {
    SCOPED_TRACE(asynchronous);
    const RunResult result =
        run(with_store(forgetful(), asynchronous),
            {known(at_ms(0), 7, 64, 1), known(at_ms(500), 8, 79, 1), known(at_ms(1000), 7, 64, 1)});
    EXPECT_EQ(result.requests[0].hit_tokens, 0);
    EXPECT_EQ(result.requests[1].hit_tokens, 0);
    // 64 tokens by a load, of which the last is computed again, and which vLLM does not count as cached; or
    // 48 in whole blocks before the last token.
    EXPECT_EQ(result.requests[2].hit_tokens, asynchronous ? 0 : 48);
    // Loaded after 66 ms, seen by a schedule() call a millisecond apart from others; or waited for in the
    // step.
    EXPECT_NEAR(static_cast<double>(ms(result.requests[2].first_token)), asynchronous ? 1076 : 1060, 1);
  }
}

TEST(ExternalStore, WhatNobodyElseHasIsNotWritten) {
  const RunResult result = run(with_store(forgetful(), true), {toy(at_ms(0), 64, 1), toy(at_ms(500), 64, 1)});
  EXPECT_EQ(ms(result.requests[1].first_token), 510);
}

TEST(ExternalStore, WhatIsStillOnItsWayThereIsWaitedFor) {
  // The first prompt is written by 10 + 64 + 2 ms; the blocks that hold it are kept so long.
  OnePool config = with_store(forgetful(), true);
  config.engine.scheduler.enable_prefix_caching = true;
  const RunResult result = run(config, {known(at_ms(0), 7, 64, 1), known(at_ms(20), 8, 79, 1)});
  EXPECT_GE(ms(result.requests[1].scheduled), 76) << "the first one's blocks are still read from";
}

TEST(ExternalStore, TheLeastRecentlyUsedLeavesAFullOne) {
  OnePool config = with_store(forgetful(), false);
  config.engine.store.blocks = 4;
  const RunResult result =
      run(config, {known(at_ms(0), 7, 64, 1), known(at_ms(500), 8, 79, 1), known(at_ms(1000), 7, 64, 1)});
  EXPECT_EQ(result.requests[2].hit_tokens, 0);
}

// With a store without bounds, each prompt finds what an endless GPU cache would find, if nothing overlaps.
TEST(ExternalStore, RequestsOneByOneFindWhatAnEndlessCacheWould) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 rng(seed);
    const auto below = [&rng](int n) { return static_cast<int>(rng() % static_cast<std::uint64_t>(n)); };
    std::vector<ToyRequest> requests;
    for (int i = 0; i < 60; ++i) {
      ToyRequest request = toy(at_ms(2000 * i), 0, 1 + below(8));
      for (int run = 1 + below(3); run > 0; --run) {
        const int tokens = 1 + below(30);
        request.prompt.push_back({static_cast<ContentId>(1 + below(3)), tokens});
        request.spec.prompt_tokens += tokens;
      }
      requests.push_back(request);
    }
    OnePool endless = small();
    endless.engine.scheduler.num_blocks = 5000;
    OnePool config = with_store(forgetful(), false);
    config.engine.scheduler.num_blocks = 8;
    config.engine.scheduler.max_model_len = endless.engine.scheduler.max_model_len = 112;
    const RunResult stored = run(config, requests), all = run(endless, requests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      EXPECT_EQ(stored.requests[i].outcome, Outcome::completed) << i;
      EXPECT_EQ(stored.requests[i].hit_tokens, all.requests[i].hit_tokens) << i;
    }
  }
}

TEST(ExternalStore, UnderPressureEveryRequestEndsAndAllBlocksComeBack) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 rng(seed);
    OnePool config = seed % 2 == 0 ? small() : asynchronous(small());
    config.engine.scheduler.num_blocks = 60;
    config = with_store(config, seed % 4 < 2);
    std::vector<ToyRequest> requests = random_traffic(rng, 100, 200, 40, 30);
    for (std::size_t i = 0; i < requests.size(); i += 7) {
      requests[i].spec.timeout = std::chrono::milliseconds{1 + static_cast<int>(rng() % 400)};
    }
    // One more, long after: nothing else holds blocks by then.
    requests.push_back(toy(at_ms(100'000), 10, 1));
    const RunResult result = run(config, requests, WorkLatency{});
    for (const RequestRecord& r : result.requests) {
      EXPECT_TRUE(r.outcome == Outcome::completed || r.outcome == Outcome::aborted) << to_string(r.outcome);
    }
    EXPECT_EQ(result.engines[0].steps.back().used_blocks, 1);
  }
}

}  // namespace
}  // namespace blis
