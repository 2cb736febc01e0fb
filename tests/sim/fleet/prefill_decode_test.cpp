// Prefill and decode on engines of two pools, event by event: vLLM's NIXL connector, which pulls.
#include <gtest/gtest.h>

#include <numeric>

#include "sim/attribution.h"
#include "sim/fleet/epp/plugin.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

// One engine of each role with steps of 10 ms; blocks take 5 ms, however many.
struct Apart {
  OnePool prefill = small(), decode = small();
  HandingOn handing_on{.link = {.latency = 5ms}};

  SimulationConfig config(const LatencyModel& latency) const {
    OnePool first = prefill, last = decode;
    first.engine.shares_kv = last.engine.shares_kv = true;
    SimulationConfig config = deployed(first, latency);
    config.pools.push_back(deployed(last, latency).pools[0]);
    config.pools[0].role = Role::prefill;
    config.pools[1].role = Role::decode;
    config.handing_on = handing_on;
    return config;
  }
  RunResult run(std::vector<ToyRequest> requests, const LatencyModel& latency = FixedLatency{10ms}) const {
    ListSource source(std::move(requests));
    return simulate(config(latency), source);
  }
};

TEST(PrefillDecode, TheFirstTokenIsTheDecodeSides) {
  const RunResult result = Apart{}.run({toy(at_ms(0), 60, 3)});
  const RequestRecord& r = result.requests[0];
  EXPECT_EQ(ms(result.legs.records[0].last_token), 10) << "which nobody sees";
  EXPECT_EQ(ms(r.visible), 10) << "the decode side hears of it when its prompt is computed";
  EXPECT_EQ(ms(result.legs.handoffs[0].pull_begin), 10);
  EXPECT_EQ(ms(result.legs.handoffs[0].pull_end), 15);
  EXPECT_EQ(result.legs.handoffs[0].tokens, 60);
  EXPECT_EQ(ms(r.scheduled), 15) << "an engine with nothing to compute polls";
  EXPECT_EQ(ms(r.first_token), 25) << "a step over the last token, computed again";
  EXPECT_EQ(ms(r.last_token), 45);
  EXPECT_EQ(result.engines[0].steps.size(), 1u);
  EXPECT_EQ(result.engines[1].steps.size(), 3u);
  EXPECT_EQ(result.engines[1].steps[0].prefill_tokens, 1);

  const Attribution a = Attributor(result).of(r);
  EXPECT_EQ(a[Part::remote_prefill], 10ms);
  EXPECT_EQ(a[Part::kv_transfer], 5ms);
  EXPECT_EQ(a[Part::step_wait] + a[Part::batch_wait], 0ms);
  EXPECT_EQ(a[Part::prefill], 10ms);
  EXPECT_EQ(a[Part::decode], 20ms);
}

// Whose picker's filter lets an endpoint have one request at a time.
TEST(PrefillDecode, APromptThatNoPrefillEndpointHasRoomForIsComputedWhereItIsAnswered) {
  const PluginType& detector = *find_plugin("concurrency-detector");
  const PluginType& any = *find_plugin("random-picker");
  const Apart apart;
  const FixedLatency latency{10ms};
  SimulationConfig config = apart.config(latency);
  config.prefill_router = standard_router("epp");
  config.prefill_router->epp = {
      .plugins = {{.type = &detector, .name = "full", .values = {1}}, {.type = &any, .name = "any"}},
      .producers = {},
      .profile = {.name = "prefill", .filters = {0}, .scorers = {}, .picker = 1}};
  const RunResult result =
      run_pools(config, {toy(at_ms(0), 60, 3), toy(at_ms(1), 60, 3), toy(at_ms(500), 60, 3)});
  EXPECT_EQ(result.legs.requests, (std::vector<RequestIndex>{0, 2}));
  for (const RequestRecord& r : result.requests) EXPECT_EQ(r.outcome, Outcome::completed);
  EXPECT_EQ(Attributor(result).of(result.requests[1])[Part::remote_prefill], Duration{0});
}

// The worker of the step that begins at 115 has looked by the time they are there.
TEST(PrefillDecode, ABusyEngineHearsOfBlocksAtTheEndOfTheNextStep) {
  const RunResult result = Apart{}.run({toy(at_ms(0), 60, 50), toy(at_ms(100), 60, 3)});
  // Steps of the first request end at 25, 35, ...
  const RequestRecord& r = result.requests[1];
  EXPECT_EQ(ms(r.visible), 110);
  EXPECT_EQ(ms(result.legs.handoffs[1].pull_begin), 115) << "it is taken up at the end of a step, too";
  EXPECT_EQ(ms(result.legs.handoffs[1].pull_end), 120);
  EXPECT_EQ(ms(r.scheduled), 135);
  EXPECT_EQ(ms(r.first_token), 145);
  const Attribution a = Attributor(result).of(r);
  EXPECT_EQ(a[Part::step_wait] + a[Part::batch_wait], 20ms) << "5 to be taken up, 15 until it is known";
}

TEST(PrefillDecode, BlocksThatCameDuringTheLastStepAreFoundAtItsEndWhereNothingElseIsToBeDone) {
  const RunResult result = Apart{}.run({toy(at_ms(0), 60, 10), toy(at_ms(100), 60, 3)});
  EXPECT_EQ(ms(result.requests[0].last_token), 115);
  EXPECT_EQ(ms(result.legs.handoffs[1].pull_end), 120) << "begun when that step ended";
  EXPECT_EQ(ms(result.requests[1].scheduled), 120);

  Apart quick;
  quick.handing_on.link.latency = 2ms;
  const RunResult sooner = quick.run({toy(at_ms(0), 60, 11), toy(at_ms(100), 60, 3)});
  EXPECT_EQ(ms(sooner.legs.handoffs[1].pull_end), 114);
  EXPECT_EQ(ms(sooner.requests[0].last_token), 122);
  EXPECT_EQ(ms(sooner.requests[1].scheduled), 122)
      << "the step's worker had not seen them, the next look has";
}

// Two data-parallel ranks on either side, each an endpoint.
Apart ranks_apart() {
  Apart apart;
  for (OnePool* const pool : {&apart.prefill, &apart.decode}) {
    pool->engine.data_parallel_ranks = pool->engine.endpoints = 2;
  }
  return apart;
}

TEST(PrefillDecode, RanksThatWaitForBlocksGoOnWithDummyBatches) {
  const RunResult result = ranks_apart().run({toy(at_ms(0), 60, 3), toy(at_ms(100), 60, 3)});
  const RequestRecord& r = result.requests[0];
  EXPECT_EQ(ms(result.legs.handoffs[0].pull_end), 15) << "in a dummy batch from 10 to 20";
  EXPECT_EQ(ms(r.scheduled), 30) << "at the end of the next one, whose worker found them";
  EXPECT_EQ(ms(r.first_token), 40);
  EXPECT_EQ(ms(r.last_token), 60);
  EXPECT_EQ(result.engines[1].steps.size(), 6u) << "dummy batches are in nobody's log";
  // Of the 32 steps that they take before they may pause, the prefill side has taken ten by 100 ms, and the
  // decode side another one by 110.
  const RequestRecord& second = result.requests[1];
  EXPECT_EQ(second.rank, 1);
  EXPECT_EQ(ms(result.legs.records[1].scheduled), 100);
  EXPECT_EQ(ms(result.legs.handoffs[1].pull_begin), 110);
  EXPECT_EQ(ms(second.scheduled), 130);
}

TEST(PrefillDecode, ARankThatWaitsForBlocksKeepsStepWithOneThatComputes) {
  const RunResult result = ranks_apart().run({toy(at_ms(0), 60, 50), toy(at_ms(98), 60, 3)});
  const RequestRecord& second = result.requests[1];
  EXPECT_EQ(second.rank, 1);
  EXPECT_EQ(ms(result.legs.handoffs[1].pull_begin), 110);
  EXPECT_EQ(ms(result.legs.handoffs[1].pull_end), 115);
  EXPECT_EQ(ms(second.scheduled), 130);
}

// Both prompts are computed by 10 ms, each on a rank with links of its own, and so are their pulls.
TEST(PrefillDecode, TransfersBetweenDifferentRanksDoNotShareALink) {
  const FixedLatency latency{10ms};
  Apart apart = ranks_apart();
  apart.handing_on.link = {.bytes_per_second = 1e6};
  SimulationConfig config = apart.config(latency);
  for (Pool& pool : config.pools) pool.gpus = 2;
  config.pools[1].kv_block_bytes = 1250;  // four blocks of a prompt: 5 ms over one GPU's link
  const RunResult result = run_pools(config, {toy(at_ms(0), 60, 3), toy(at_ms(0), 60, 3)});
  for (const Handoff& handoff : result.legs.handoffs) EXPECT_EQ(ms(handoff.pull_end), 15);
}

TEST(PrefillDecode, BlocksThatDoNotComeFailTheirRequestOrAreComputedOnTheDecodeSide) {
  Apart apart;
  apart.decode.engine.failing_loads = 1;
  const RunResult failed = apart.run({toy(at_ms(0), 60, 3)});
  EXPECT_EQ(failed.requests[0].outcome, Outcome::failed);
  EXPECT_EQ(ms(failed.requests[0].ended), 15) << "when they should have been there";
  EXPECT_TRUE(failed.engines[1].steps.empty());

  apart.decode.engine.recompute_failed_loads = true;
  const RunResult computed = apart.run({toy(at_ms(0), 60, 3)});
  EXPECT_EQ(computed.requests[0].outcome, Outcome::completed);
  EXPECT_EQ(computed.engines[1].steps[0].prefill_tokens, 60);
  EXPECT_EQ(ms(computed.requests[0].first_token), 25);
}

TEST(PrefillDecode, OfWindowsWhatTheyReachIsHeldAndHandedOn) {
  Apart apart;
  for (OnePool* const pool : {&apart.prefill, &apart.decode})
    pool->engine.scheduler.kv_groups = attention_groups({0, 32});
  const RunResult result = apart.run({toy(at_ms(0), 320, 3)});
  EXPECT_EQ(result.requests[0].outcome, Outcome::completed);
  EXPECT_EQ(result.legs.handoffs[0].tokens, 320);
  // All of the first group, and of the second two blocks and the one of the next tokens.
  EXPECT_EQ(result.engines[1].steps[0].used_blocks, 20 + 2);
  EXPECT_EQ(result.engines[1].steps[1].used_blocks, 21 + 3);
}

TEST(PrefillDecode, WhatIsCachedIsNotPulled) {
  ToyRequest a = toy(at_ms(0), 60, 3), b = toy(at_ms(200), 60, 3);
  a.prompt = b.prompt = {{7, 60}};
  const RunResult result = Apart{}.run({a, b});
  EXPECT_EQ(result.legs.handoffs[0].tokens, 60);
  EXPECT_EQ(result.legs.handoffs[1].tokens, 60 - 48)
      << "three blocks of 16 are there, the fourth is not full";
  EXPECT_EQ(result.engines[0].prefix.hits, 48) << "of the prefill side, whose blocks stay findable";
}

// The prefill side has four blocks, which is one prompt.
Apart tight() {
  Apart apart;
  apart.prefill.engine.scheduler.num_blocks = 5;
  apart.prefill.engine.scheduler.max_model_len = 64;
  return apart;
}

TEST(PrefillDecode, BlocksAreHeldUntilTheyAreRead) {
  const RunResult result = tight().run({toy(at_ms(0), 60, 3), toy(at_ms(0), 60, 3)});
  EXPECT_EQ(ms(result.legs.records[1].scheduled), 15) << "when the first one's have been read";
  EXPECT_EQ(ms(result.requests[1].first_token), 55);
}

TEST(PrefillDecode, BlocksThatNobodyComesForAreHeldForALease) {
  Apart apart = tight();
  apart.decode.limits.requests = 0;
  const RunResult result = apart.run({toy(at_ms(0), 60, 3), toy(at_ms(0), 60, 3)});
  EXPECT_EQ(result.requests[0].outcome, Outcome::rejected);
  EXPECT_EQ(ms(result.legs.records[1].scheduled), 10 + 30'000);
}

TEST(PrefillDecode, WhoGivesUpBeforeItTakesItsBlocksLetsThemGo) {
  Apart apart = tight();
  apart.decode.engine.scheduler.max_num_seqs = 1;  // the first one has the decode side for 500 ms
  std::vector<ToyRequest> requests{toy(at_ms(0), 20, 50), toy(at_ms(20), 40, 3), toy(at_ms(30), 40, 3)};
  requests[1].spec.timeout = 103ms;
  const RunResult result = apart.run(requests);
  EXPECT_EQ(result.requests[1].outcome, Outcome::aborted);
  EXPECT_EQ(ms(result.requests[1].ended), 123);
  EXPECT_EQ(ms(result.legs.records[2].scheduled), 130) << "seen at the end of a step, told 5 ms later";
}

TEST(PrefillDecode, WhoGivesUpDuringTheTransferHoldsBlocksUntilItsEnd) {
  Apart apart = tight();
  apart.handing_on.link.latency = 100ms;
  std::vector<ToyRequest> requests{toy(at_ms(0), 60, 3), toy(at_ms(0), 60, 3)};
  requests[0].spec.timeout = 50ms;
  const RunResult result = apart.run(requests);
  EXPECT_EQ(result.requests[0].outcome, Outcome::aborted);
  EXPECT_EQ(ms(result.legs.records[1].scheduled), 110);
  EXPECT_EQ(result.requests[1].outcome, Outcome::completed);
}

TEST(PrefillDecode, ShortPromptsAreComputedWhereTheyAreAnswered) {
  Apart apart;
  apart.handing_on.non_cached_tokens = 50;
  ToyRequest again = toy(at_ms(200), 60, 3), first = toy(at_ms(100), 60, 3);
  first.prompt = again.prompt = {{7, 60}};
  const RunResult result = apart.run({toy(at_ms(0), 49, 3), first, again});
  EXPECT_EQ(result.legs.requests, std::vector<RequestIndex>{1}) << "49 tokens are few, and 12 are uncached";
  EXPECT_EQ(ms(result.requests[0].first_token), 10);
  EXPECT_EQ(ms(result.requests[1].first_token), 125);
  EXPECT_EQ(ms(result.requests[2].first_token), 210);
}

TEST(PrefillDecode, ALoadHasBlocksAndNoPlaceInTheBatch) {
  Apart apart;
  apart.decode.engine.scheduler.max_num_seqs = 2;
  apart.handing_on.link.latency = 1000ms;
  apart.handing_on.non_cached_tokens = 30;  // the short ones go straight to the decode side
  const RunResult result =
      apart.run({toy(at_ms(0), 60, 3), toy(at_ms(1), 60, 3), toy(at_ms(50), 20, 3), toy(at_ms(50), 20, 3)});
  EXPECT_EQ(ms(result.requests[2].first_token), 60);
  EXPECT_EQ(ms(result.requests[3].first_token), 60) << "both places are free, though two loads are under way";
}

// Everybody ends once, parts add up, and plain steps decide alike.
TEST(PrefillDecodeProperty, EverybodyEndsAndPartsSumToTheWhole) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    Apart apart;
    for (OnePool* pool : {&apart.prefill, &apart.decode}) {
      if (rng() % 2 == 0) *pool = asynchronous(*pool);
      pool->replicas = 1 + static_cast<int>(rng() % 3);
      pool->engine.scheduler.num_blocks = 33 + static_cast<int>(rng() % 60);
      pool->router = standard_router(rng() % 2 == 0 ? "round_robin" : "least_requests");
      pool->api_latency = Duration{3ms} * (rng() % 2);
      if (rng() % 3 == 0) pool->limits.requests = 12;
    }
    apart.handing_on.non_cached_tokens = rng() % 2 == 0 ? 0 : 60;
    apart.handing_on.link = {.bytes_per_second = rng() % 3 == 0 ? 0 : 2e5,
                             .latency = Duration{1ms} * (rng() % 30),
                             .sharing = rng() % 2 == 0 ? LinkSharing::fair : LinkSharing::fifo};
    if (seed % 3 == 0) {
      for (OnePool* const pool : {&apart.prefill, &apart.decode})
        pool->engine.scheduler.kv_groups = attention_groups({0, 32});
    }
    if (seed % 5 == 0) {
      for (OnePool* const pool : {&apart.prefill, &apart.decode}) {
        pool->engine.endpoints = 1 + static_cast<int>(rng() % 3);
        pool->engine.data_parallel_ranks = pool->engine.endpoints * (1 + static_cast<int>(rng() % 2));
        pool->engine.prefill_schedule_interval = 1 + static_cast<int>(rng() % 3);
      }
    }
    apart.decode.engine.failing_loads = seed % 4 == 0 ? 0.3 : 0;
    apart.decode.engine.recompute_failed_loads = seed % 8 == 0;
    std::vector<ToyRequest> requests = random_traffic(rng, 150, 200, 60, 10.0);
    for (std::size_t i = 0; i < requests.size(); i += 4)
      requests[i].spec.timeout = Duration{1ms} * (1 + rng() % 400);

    const auto run = [&](bool run_ahead) {
      apart.prefill.engine.run_ahead = apart.decode.engine.run_ahead = run_ahead;
      const WorkLatency latency;
      SimulationConfig config = apart.config(latency);
      config.pools[1].kv_block_bytes = 200;
      if (seed % 2 == 0) config.gateway = {.latency = 7ms, .per_token = 10us};
      ListSource source(requests);
      return simulate(config, source);
    };
    const RunResult result = run(true), plain = run(false);
    const Attributor attributor(result);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const RequestRecord& r = result.requests[i];
      ASSERT_NE(r.outcome, Outcome::unfinished) << i;
      ASSERT_EQ(r.outcome, plain.requests[i].outcome) << i;
      ASSERT_EQ(r.first_token, plain.requests[i].first_token) << i;
      ASSERT_EQ(r.last_token, plain.requests[i].last_token) << i;
      if (!has_full_answer(r)) continue;
      const Attribution a = attributor.of(r);
      for (const Part part : kAllParts) ASSERT_GE(a[part], Duration{0}) << to_string(part) << " of " << i;
      ASSERT_EQ(std::accumulate(a.parts.begin(), a.parts.end(), Duration{0}), r.last_token - r.arrival) << i;
    }
  }
}

}  // namespace
}  // namespace blis
