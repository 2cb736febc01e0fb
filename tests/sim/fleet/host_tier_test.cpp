// Host memory as a second home for KV blocks: vLLM's native offloading, event by event.

#include <gtest/gtest.h>

#include <numeric>

#include "sim/attribution.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

// Twelve blocks of 16 on the GPU, steps of 10 ms, and 1 ms to copy a block.
OnePool tiered(std::int64_t blocks = 100) {
  OnePool pool = small();
  pool.engine.scheduler.num_blocks = 13;
  pool.engine.scheduler.max_model_len = 192;
  pool.engine.scheduler.max_num_batched_tokens = 192;
  pool.engine.host_tier = {.blocks = blocks, .per_block = 1ms};
  return pool;
}

// The whole prompt is one content, 160 tokens of it.
ToyRequest asks(int ms, ContentId content, int output = 2) {
  ToyRequest request = toy(at_ms(ms), 160, output);
  request.prompt = {{content, 160}};
  return request;
}

int ms(Time t) {
  return static_cast<int>(since_start(t) / 1ms);
}

TEST(HostTier, WhatTheGpuHasLostIsLoaded) {
  // The second prompt and its answer take eleven blocks; the first block of the first prompt stays.
  const RunResult result = run(tiered(), {asks(0, 7), asks(100, 8), asks(200, 7)});
  EXPECT_EQ(ms(result.requests[1].first_token), 110);
  const RequestRecord& again = result.requests[2];
  EXPECT_EQ(ms(again.scheduled), 209) << "nine blocks, a millisecond each";
  EXPECT_EQ(ms(again.first_token), 219) << "a step over the last token";
  const std::size_t last = result.engines[0].steps.size() - 2;
  EXPECT_EQ(result.engines[0].steps[last].prefill_tokens, 1);
}

TEST(HostTier, ALookUpLeavesTheLastBlockToTheTier) {
  const RunResult result = run(tiered(), {asks(0, 7), asks(100, 7)});
  EXPECT_EQ(ms(result.requests[1].first_token), 111) << "nine blocks are on the GPU, and the tenth is loaded";
}

TEST(HostTier, BlocksThatAreBeingWrittenAreWaitedFor) {
  OnePool pool = tiered();
  pool.engine.host_tier.per_block = 30ms;  // ten blocks are written from 10 to 310
  const RunResult result = run(pool, {asks(0, 7), asks(20, 8), asks(100, 7)});
  EXPECT_EQ(ms(result.requests[2].scheduled), 310 + 9 * 30);
}

TEST(HostTier, TheLeastRecentBlocksGiveWay) {
  // Room for one prompt: the second one's blocks have pushed the first one's out.
  const RunResult result = run(tiered(10), {asks(0, 7), asks(100, 8), asks(200, 7)});
  EXPECT_EQ(ms(result.requests[2].first_token), 210);
  const std::size_t last = result.engines[0].steps.size() - 2;
  EXPECT_EQ(result.engines[0].steps[last].prefill_tokens, 144) << "all but the block that the GPU has";
}

TEST(HostTier, CopiesOfOneDirectionFollowEachOther) {
  OnePool pool = tiered();
  pool.engine.scheduler.num_blocks = 25;
  const RunResult result =
      run(pool, {asks(0, 7), asks(100, 8), asks(200, 9), asks(300, 10), asks(500, 7), asks(500, 8)});
  EXPECT_EQ(ms(result.requests[4].scheduled), 510);
  EXPECT_EQ(ms(result.requests[5].scheduled), 520);
}

// Whatever the tier holds, everybody ends, plain steps decide alike, and parts sum to the whole.
TEST(HostTierProperty, EverybodyEndsAndPlainStepsDecideAlike) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    OnePool pool = rng() % 2 == 0 ? small() : asynchronous(small());
    pool.replicas = 1 + static_cast<int>(rng() % 2);
    pool.engine.scheduler.num_blocks = 33 + static_cast<int>(rng() % 60);
    pool.engine.host_tier = {.blocks = 1 + static_cast<std::int64_t>(rng() % 200),
                             .per_block = Duration{100us} * (rng() % 20)};
    std::vector<ToyRequest> requests = random_traffic(rng, 150, 200, 60, 10.0);
    for (ToyRequest& request : requests) {
      const std::int32_t shared =
          std::min<std::int32_t>(request.spec.prompt_tokens, 20 * (1 + static_cast<int>(rng() % 5)));
      request.prompt = {{1 + rng() % 6, shared}};
      if (shared < request.spec.prompt_tokens)
        request.prompt.push_back({100 + rng() % 40, request.spec.prompt_tokens - shared});
    }
    for (std::size_t i = 0; i < requests.size(); i += 4)
      requests[i].spec.timeout = Duration{1ms} * (1 + rng() % 400);
    pool.engine.run_ahead = true;
    const RunResult result = run(pool, requests, WorkLatency{});
    pool.engine.run_ahead = false;
    const RunResult plain = run(pool, requests, WorkLatency{});
    const Attributor attributor(result);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const RequestRecord& r = result.requests[i];
      ASSERT_NE(r.outcome, Outcome::unfinished) << i;
      ASSERT_EQ(r.outcome, plain.requests[i].outcome) << i;
      ASSERT_EQ(r.first_token, plain.requests[i].first_token) << i;
      ASSERT_EQ(r.last_token, plain.requests[i].last_token) << i;
      if (!has_full_answer(r)) continue;
      const Attribution a = attributor.of(r);
      ASSERT_EQ(std::accumulate(a.parts.begin(), a.parts.end(), Duration{0}), r.last_token - r.arrival) << i;
    }
  }
}

}  // namespace
}  // namespace blis
