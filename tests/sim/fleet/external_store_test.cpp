// KV blocks that are written outside the GPU and read back: when, and how long it takes.
#include <gtest/gtest.h>

#include "sim/metrics.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

// A token takes a millisecond on the link, a transfer 2 ms more. Steps of 10 ms, 64 tokens each.
OnePool with_store(OnePool config, bool asynchronous) {
  config.engine.store = {.token_bytes = 1000,
                         .bytes_per_second = 1e6,
                         .latency = std::chrono::milliseconds{2},
                         .asynchronous = asynchronous};
  return config;
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
  config.engine.store.chunks = 4;
  const RunResult result =
      run(config, {known(at_ms(0), 7, 64, 1), known(at_ms(500), 8, 79, 1), known(at_ms(1000), 7, 64, 1)});
  EXPECT_EQ(result.requests[2].hit_tokens, 0);
}

TEST(ExternalStore, WhatIsOnItsWayForAnotherIsWaitedFor) {
  // Both want the first prompt back: one loads it by 1066, and the other finds it on the GPU then, all but
  // its last block, which it loads.
  OnePool config = with_store(forgetful(), true);
  config.engine.scheduler.num_blocks = 13;
  config.engine.scheduler.max_model_len = 192;
  config.engine.scheduler.max_num_batched_tokens = 192;
  const RunResult result = run(config, {known(at_ms(0), 7, 64, 1), known(at_ms(500), 8, 190, 1),
                                        known(at_ms(1000), 7, 64, 1), known(at_ms(1000), 7, 64, 1)});
  EXPECT_NEAR(static_cast<double>(ms(result.requests[2].scheduled)), 1066, 1);
  EXPECT_NEAR(static_cast<double>(ms(result.requests[3].scheduled)), 1084, 1);
  EXPECT_EQ(result.engines[0].external.hits, 64 + 16);
  EXPECT_EQ(result.engines[0].external.queries, 64 + 190 + 64 + 16);
  EXPECT_DOUBLE_EQ(summarize(result).external_prefix_hit_rate.value(), 80.0 / 334);
  EXPECT_FALSE(summarize(run(small(), {toy(at_ms(0), 64, 1)})).external_prefix_hit_rate)
      << "there is no store";
}

TEST(ExternalStore, APromptThatFindsNoRoomIsNotWritten) {
  // The second prompt is larger than the store; the first one's blocks stay.
  OnePool config = with_store(forgetful(), false);
  config.engine.store.chunks = 4;
  config.engine.scheduler.max_num_batched_tokens = 96;
  const RunResult result =
      run(config, {known(at_ms(0), 7, 64, 1), known(at_ms(500), 8, 95, 1), known(at_ms(1000), 7, 64, 1)});
  EXPECT_EQ(result.requests[2].hit_tokens, 48);
}

TEST(ExternalStore, TheEndOfAPromptLeavesBeforeItsBeginning) {
  OnePool config = with_store(forgetful(), false);
  config.engine.store.chunks = 6;
  const RunResult result =
      run(config, {known(at_ms(0), 7, 64, 1), known(at_ms(500), 8, 64, 1), known(at_ms(1000), 9, 20, 1),
                   known(at_ms(2000), 8, 64, 1), known(at_ms(3000), 7, 33, 1)});
  // Four blocks of the first, of which two leave for the second's four, and one for the third's.
  EXPECT_EQ(result.requests[4].hit_tokens, 16);
}

// Two blocks each: a third and a sixth block are in no chunk, and what lies within one on the GPU is not
// completed by one that would bring less than its own size.
TEST(ExternalStore, OnlyWholeChunksAreWrittenAndRead) {
  struct Row {
    int prompt, blocks_per_chunk, read;
  };
  for (const Row& row : {Row{80, 1, 80}, Row{80, 2, 64}, Row{80, 3, 48}, Row{80, 5, 80}, Row{80, 6, 0},
                         Row{31, 2, 0}, Row{32, 2, 32}, Row{33, 2, 32}}) {
    SCOPED_TRACE(testing::Message() << row.prompt << " tokens, chunks of " << row.blocks_per_chunk);
    OnePool config = with_store(forgetful(), true);
    config.engine.store.blocks_per_chunk = row.blocks_per_chunk;
    config.engine.scheduler.num_blocks = 8;
    config.engine.scheduler.max_model_len = config.engine.scheduler.max_num_batched_tokens = 112;
    const RunResult result = run(config, {known(at_ms(0), 7, row.prompt, 1), known(at_ms(500), 8, 111, 1),
                                          known(at_ms(1000), 7, row.prompt, 1)});
    EXPECT_EQ(result.engines[0].external.hits, row.read);
  }
}

TEST(ExternalStore, LessThanAChunkIsNotRead) {
  // The second prompt leaves the GPU three blocks of the first, of which the store has two chunks.
  for (const int blocks_per_chunk : {1, 2}) {
    SCOPED_TRACE(blocks_per_chunk);
    OnePool config = with_store(forgetful(), true);
    config.engine.store.blocks_per_chunk = blocks_per_chunk;
    const RunResult result =
        run(config, {known(at_ms(0), 7, 64, 1), known(at_ms(500), 8, 31, 1), known(at_ms(1000), 7, 64, 1)});
    EXPECT_EQ(result.engines[0].external.hits, blocks_per_chunk == 1 ? 16 : 0);
  }
}

// A look-up ends at the first chunk that is missing, so that one more is written each second time.
TEST(ExternalStore, OnlyWhatWasLookedUpOftenIsWritten) {
  OnePool config = with_store(forgetful(), true);
  config.engine.store.store_threshold = 2;
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 12; i += 2) {
    requests.push_back(known(at_ms(500 * i), 7, 64, 1));
    requests.push_back(known(at_ms(500 * i + 500), static_cast<ContentId>(100 + i), 79, 1));
  }
  const std::int64_t all = run(config, requests).engines[0].external.hits;
  EXPECT_EQ(all, 0 + 0 + 16 + 16 + 32 + 32);
  config.engine.store.store_threshold = 1;
  EXPECT_EQ(run(config, requests).engines[0].external.hits, 5 * 64);
  config.engine.store.store_threshold = 2;
  config.engine.store.tracked_lookups = 1;
  EXPECT_EQ(run(config, requests).engines[0].external.hits, 0) << "all are forgotten";
}

// A scan of prompts that come once pushes nothing out that came twice.
TEST(ExternalStore, ByArcWhatCameAgainOutlivesAScan) {
  for (const std::string_view eviction : {"lru", "arc"}) {
    SCOPED_TRACE(eviction);
    OnePool config = with_store(forgetful(), true);
    config.engine.store.chunks = 8;
    config.engine.store.eviction = eviction;
    std::vector<ToyRequest> requests{known(at_ms(0), 7, 64, 1), known(at_ms(1000), 8, 79, 1),
                                     known(at_ms(2000), 7, 64, 1)};
    for (int i = 0; i < 4; ++i)
      requests.push_back(known(at_ms(3000 + 1000 * i), static_cast<ContentId>(100 + i), 79, 1));
    requests.push_back(known(at_ms(9000), 7, 64, 1));
    EXPECT_EQ(run(config, requests).engines[0].external.hits, eviction == "arc" ? 2 * 64 : 64);
  }
}

// Host memory for one prompt, and storage behind it: half a millisecond a token to read it.
OnePool with_storage(double write_bytes_per_second) {
  OnePool config = with_store(forgetful(), true);
  config.engine.store.chunks = 4;
  config.engine.store.storage = {.read_bytes_per_second = 2e6,
                                 .write_bytes_per_second = write_bytes_per_second};
  return config;
}

TEST(ExternalStore, WhatHostMemoryHasLostComesBackFromStorage) {
  const std::vector<ToyRequest> requests{known(at_ms(0), 7, 64, 1), known(at_ms(1000), 8, 79, 1),
                                         known(at_ms(2000), 7, 64, 1)};
  const RunResult result = run(with_storage(1e6), requests);
  EXPECT_EQ(result.engines[0].external.hits, 64);
  // An answer at the next try, 32 ms from storage, 66 ms from host memory, a step; and waits of a
  // millisecond.
  EXPECT_NEAR(static_cast<double>(ms(result.requests[2].first_token)), 2000 + 1 + 32 + 66 + 10, 3);
  OnePool without = with_storage(1e6);
  without.engine.store.storage = {};
  EXPECT_EQ(run(without, requests).engines[0].external.hits, 0);
}

TEST(ExternalStore, WhatIsOnItsWayToStorageKeepsItsPlace) {
  // The first prompt takes a minute to be written: the second finds no room, and the first is still there.
  const RunResult result = run(with_storage(1e3), {known(at_ms(0), 7, 64, 1), known(at_ms(1000), 8, 79, 1),
                                                   known(at_ms(2000), 7, 64, 1)});
  EXPECT_EQ(result.engines[0].external.hits, 64);
  EXPECT_NEAR(static_cast<double>(ms(result.requests[2].first_token)), 2000 + 66 + 10, 2);
}

TEST(ExternalStore, WhatFindsNoRoomInHostMemoryStaysInStorage) {
  // Both want back what has left, and host memory holds one: who comes second computes, or finds what the
  // first has left on the GPU.
  const RunResult result = run(with_storage(1e6), {known(at_ms(0), 7, 64, 1), known(at_ms(1000), 8, 64, 1),
                                                   known(at_ms(2000), 9, 79, 1), known(at_ms(3000), 7, 64, 1),
                                                   known(at_ms(3000), 8, 64, 1)});
  for (const RequestRecord& r : result.requests) EXPECT_EQ(r.outcome, Outcome::completed);
  EXPECT_GE(result.engines[0].external.hits, 64);
}

TEST(ExternalStore, WhoseCacheIsNotReadLoadsNothing) {
  OnePool config = with_store(forgetful(), true);
  ToyRequest again = known(at_ms(1000), 7, 64, 1);
  again.spec.skip_cache_read = true;
  EXPECT_EQ(
      run(config, {known(at_ms(0), 7, 64, 1), known(at_ms(500), 8, 79, 1), again}).engines[0].external.hits,
      0);
}

TEST(ExternalStore, OfPromptsAloneNoAnswerIsWritten) {
  for (const bool prompts_only : {true, false}) {
    SCOPED_TRACE(prompts_only);
    OnePool config = with_store(forgetful(), false);
    config.engine.store.prompts_only = prompts_only;
    ToyRequest first = known(at_ms(0), 7, 32, 33), again = known(at_ms(2000), 7, 32, 1);
    first.spec.output_content = 70;
    again.prompt.push_back({70, 33});
    again.spec.prompt_tokens += 33;
    const RunResult result = run(config, {first, known(at_ms(1000), 8, 79, 1), again});
    EXPECT_EQ(result.requests[2].hit_tokens, prompts_only ? 32 : 64);
  }
}

// Steps are planned while another one runs, and copies pass the GPU in their order.
TEST(ExternalStore, ALoadBeginsWhenTheStepsPlannedBeforeAreDone) {
  OnePool config = asynchronous(with_store(forgetful(), true));
  config.engine.scheduler.num_blocks = 9;
  config.engine.store.latency = Duration{0};
  const RunResult result = run(config, {known(at_ms(0), 7, 64, 1), known(at_ms(500), 8, 95, 1),
                                        known(at_ms(1000), 9, 16, 30), known(at_ms(1005), 7, 64, 1)});
  // Asked for between steps, each of which is planned as the one before begins: 10 ms on to the end of the
  // step under way, 64 (or what of it is not on the GPU) for the load.
  EXPECT_GT(ms(result.requests[3].first_token), 1010 + 10 + 16);
}

// Prompts' blocks are written by steps that are planned one by one anyway: the others decide alike.
TEST(ExternalStoreProperty, QuietStepsDecideAsPlainOnes) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    OnePool pool = rng() % 2 == 0 ? small() : asynchronous(small());
    pool.engine.scheduler.num_blocks = 33 + static_cast<int>(rng() % 60);
    pool.engine.store = {.token_bytes = 1000,
                         .bytes_per_second = 1e5 * static_cast<double>(1 + rng() % 50),
                         .blocks_per_chunk = 1 + static_cast<int>(rng() % 3),
                         .chunks = static_cast<std::int64_t>(32 + rng() % 200),
                         .eviction = rng() % 2 == 0 ? "arc" : "lru",
                         .store_threshold = static_cast<int>(rng() % 3),
                         .prompts_only = true};
    if (pool.engine.store.store_threshold < 2 && rng() % 2 == 0) {
      pool.engine.store.storage = {.read_bytes_per_second = 1e5 * static_cast<double>(1 + rng() % 50),
                                   .write_bytes_per_second = 1e5 * static_cast<double>(1 + rng() % 50)};
    }
    std::vector<ToyRequest> requests = random_traffic(rng, 120, 200, 60, 10.0);
    for (ToyRequest& request : requests) {
      const std::int32_t shared =
          std::min<std::int32_t>(request.spec.prompt_tokens, 20 * (1 + static_cast<int>(rng() % 5)));
      request.prompt = {{1 + rng() % 6, shared}};
      if (shared < request.spec.prompt_tokens)
        request.prompt.push_back({100 + rng() % 40, request.spec.prompt_tokens - shared});
    }
    for (std::size_t i = 0; i < requests.size(); i += 4)
      requests[i].spec.timeout = std::chrono::milliseconds{1 + rng() % 400};
    const RunResult result = run(pool, requests, WorkLatency{});
    pool.engine.run_ahead = false;
    const RunResult plain = run(pool, requests, WorkLatency{});
    EXPECT_EQ(result.engines[0].external, plain.engines[0].external);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const RequestRecord &r = result.requests[i], &p = plain.requests[i];
      ASSERT_NE(r.outcome, Outcome::unfinished) << i;
      ASSERT_EQ(r.outcome, p.outcome) << i;
      ASSERT_EQ(r.first_token, p.first_token) << i;
      ASSERT_EQ(r.last_token, p.last_token) << i;
    }
  }
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
