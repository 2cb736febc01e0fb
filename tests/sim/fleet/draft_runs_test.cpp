// Engines that verify drafts, with their steps taken ahead and one by one: the same in every figure.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/sim/fleet/same_requests.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

// Of all that changes what a step with drafts needs or decides.
OnePool random_engine(std::mt19937_64& rng) {
  const auto below = [&rng](int n) { return static_cast<int>(rng() % static_cast<std::uint64_t>(n)); };
  OnePool pool = small();
  SchedulerConfig& s = pool.engine.scheduler;
  s.num_spec_tokens = 1 + below(5);
  s.spec_lookahead = below(2) * s.num_spec_tokens;
  s.use_eagle = s.spec_lookahead > 0;
  double share = 1;
  for (int i = 0; i < s.num_spec_tokens; ++i) pool.engine.acceptance.push_back(share *= 0.1 * below(11));
  s.block_size = 4 << below(3);
  s.num_blocks = 512 / s.block_size + 2 + below(3000 / s.block_size);
  s.max_num_seqs = 1 + below(12);
  s.max_num_batched_tokens = std::max((1 + s.num_spec_tokens) * (1 + below(14)), 8);
  if (below(4) == 0) s.long_prefill_token_threshold = 1 + below(20);
  s.enable_prefix_caching = below(4) > 0;
  s.behaviour.reserve_full_isl = below(2) == 0;
  s.behaviour.stats_on_lookup = below(4) == 0;
  s.behaviour.async_drop_unscheduled_drafts = below(2) == 0;
  s.behaviour.watermark = 0.05 * below(2);
  if (below(3) == 0) s.policy = "priority";
  if (below(4) == 0) {
    for (int i = 0; i <= s.max_num_seqs; ++i)
      s.drafts_by_batch_size.push_back(std::max(0, s.num_spec_tokens - i / 2));
  }
  if (below(3) > 0) pool = asynchronous(pool);
  if (below(4) == 0) pool.engine.prefix_cache_resets = {at_ms(200), at_ms(700)};
  pool.engine.reset_running_requests = below(2) == 0;
  pool.seed = rng();
  return pool;
}

// Two long answers side by side: but for their prompts, their last steps and what begins blocks, all steps.
TEST(DraftRuns, AreMostStepsOfLongAnswers) {
  for (const bool async : {false, true}) {
    OnePool pool = small();
    pool.engine.scheduler.num_spec_tokens = pool.engine.scheduler.spec_lookahead = 3;
    pool.engine.acceptance = {0.8, 0.5, 0.3};
    pool.engine.scheduler.num_blocks = 400;
    pool.engine.scheduler.max_model_len = 2000;
    if (async) pool = asynchronous(pool);
    const std::vector<ToyRequest> requests{toy(at_ms(0), 10, 900), toy(at_ms(0), 10, 900)};
    const EngineResult ahead = std::move(run(pool, requests, WorkLatency{}).engines[0]);
    EXPECT_GT(ahead.draft_run_steps, 0.9 * static_cast<double>(ahead.steps.size())) << async;
    EXPECT_LE(ahead.draft_run_steps, static_cast<std::int64_t>(ahead.steps.size()));
    pool.engine.run_ahead = false;
    EXPECT_EQ(run(pool, requests, WorkLatency{}).engines[0].draft_run_steps, 0);
  }
}

// BLIS_DRAFT_RUN_SEEDS: how many.
TEST(DraftRunProperty, TakenAheadOrOneByOneEveryStepIsTheSame) {
  const char* const asked = std::getenv("BLIS_DRAFT_RUN_SEEDS");
  const std::uint64_t seeds = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 60;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    OnePool pool = random_engine(rng);
    std::vector<ToyRequest> requests =
        random_traffic(rng, 60, 250, 120, 1.0 + static_cast<double>(rng() % 60));
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (rng() % 8 == 0) requests[i].spec.timeout = 1ms * (1 + rng() % 400);
      if (rng() % 4 == 0) requests[i].spec.output_content = 1000 + i;
      if (seed % 5 == 0) requests[i].spec.priority = 0;
    }
    const RunResult ahead = run(pool, requests, WorkLatency{});
    pool.engine.run_ahead = false;
    const RunResult plain = run(pool, requests, WorkLatency{});
    ASSERT_NO_FATAL_FAILURE(expect_same_requests(ahead, plain));
    const EngineResult &x = ahead.engines[0], &y = plain.engines[0];
    ASSERT_EQ(x.steps.size(), y.steps.size());
    for (std::size_t i = 0; i < x.steps.size(); ++i) {
      ASSERT_EQ(since_start(x.steps[i].start), since_start(y.steps[i].start)) << i;
      ASSERT_EQ(since_start(x.steps[i].end), since_start(y.steps[i].end)) << i;
      ASSERT_EQ(x.steps[i].decodes, y.steps[i].decodes) << i;
      ASSERT_EQ(x.steps[i].decode_context, y.steps[i].decode_context) << i;
      ASSERT_EQ(x.steps[i].steady, y.steps[i].steady) << i;
      ASSERT_EQ(x.steps[i].distance, y.steps[i].distance) << i;
      ASSERT_EQ(x.steps[i].used_blocks, y.steps[i].used_blocks) << i;
      ASSERT_EQ(x.steps[i].running, y.steps[i].running) << i;
      ASSERT_EQ(x.steps[i].waiting, y.steps[i].waiting) << i;
      ASSERT_EQ(x.steps[i].stretched, y.steps[i].stretched) << i;
    }
    EXPECT_EQ(x.prefix, y.prefix);
    EXPECT_EQ(x.preemptions, y.preemptions);
    EXPECT_EQ(x.odd_gaps.size(), y.odd_gaps.size());
    ASSERT_EQ(x.short_of_blocks.size(), y.short_of_blocks.size());
    for (std::size_t i = 0; i < x.short_of_blocks.size(); ++i)
      EXPECT_EQ(since_start(x.short_of_blocks[i].from), since_start(y.short_of_blocks[i].from)) << i;
  }
}

}  // namespace
}  // namespace blis
