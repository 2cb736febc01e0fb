// What the scheduler decides, a sentence a step. Whether it is what vLLM decides is for tests/conform.
#include "sim/vllm/scheduler.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/sim/vllm/desk.h"

namespace blis {
namespace {

RequestSpec spec(int prompt, int output) {
  RequestSpec s;
  s.prompt_tokens = prompt;
  s.output_tokens = output;
  return s;
}

// ---------------------------------------------------------------- the token budget

TEST(Scheduler, APromptLargerThanTheBudgetIsComputedInChunks) {
  Desk desk(eight_sequences());
  desk.arrive(150, 2);
  EXPECT_EQ(desk.step(), "a 64 new");
  EXPECT_EQ(desk.step(), "a 64");
  EXPECT_EQ(desk.step(), "a 22");
  EXPECT_EQ(desk.step(), "a 1");
  EXPECT_EQ(desk.step(), "-");
}

TEST(Scheduler, RunningRequestsAreServedBeforeAnybodyIsAdmitted) {
  Desk desk(eight_sequences());
  desk.arrive(20, 5);
  EXPECT_EQ(desk.step(), "a 20 new");
  desk.arrive(100, 1);
  desk.arrive(10, 1);
  EXPECT_EQ(desk.step(), "a 1, b 63 new");
  EXPECT_EQ(desk.step(), "a 1, b 37, c 10 new");
}

TEST(Scheduler, NoMoreThanMaxNumSeqsRun) {
  SchedulerConfig config = eight_sequences();
  config.max_num_seqs = 2;
  Desk desk(config);
  for (int i = 0; i < 3; ++i) desk.arrive(10, 2);
  EXPECT_EQ(desk.step(), "a 10 new, b 10 new");
  EXPECT_EQ(desk.step(), "a 1, b 1");
  EXPECT_EQ(desk.step(), "c 10 new");
}

TEST(Scheduler, NoPromptTakesMoreThanTheLongPrefillThreshold) {
  SchedulerConfig config = eight_sequences();
  config.long_prefill_token_threshold = 20;
  Desk desk(config);
  desk.arrive(50, 1);
  desk.arrive(30, 1);
  EXPECT_EQ(desk.step(), "a 20 new, b 20 new");
  EXPECT_EQ(desk.step(), "a 20, b 10");
  EXPECT_EQ(desk.step(), "a 10");
}

TEST(Scheduler, WithoutChunkedPrefillAPromptWaitsUntilItFitsAndNobodySkipsAhead) {
  SchedulerConfig config = eight_sequences();
  config.enable_chunked_prefill = false;
  Desk desk(config);
  desk.arrive(40, 2);
  desk.arrive(30, 1);
  desk.arrive(5, 1);
  EXPECT_EQ(desk.step(), "a 40 new");
  EXPECT_EQ(desk.step(), "a 1, b 30 new, c 5 new");
  Desk exact(config);
  exact.arrive(40, 2);
  exact.arrive(24, 1);
  EXPECT_EQ(exact.step(), "a 40 new, b 24 new") << "all 64 tokens of a step";
}

TEST(Scheduler, AThrottledStepDefersPromptsOnlyWhileSomebodyDecodes) {
  Desk desk(eight_sequences());
  desk.arrive(100, 3);
  EXPECT_EQ(desk.schedule(true), "a 64 new") << "nobody decodes yet";
  desk.update();
  EXPECT_EQ(desk.schedule(true), "a 36");
  desk.update();
  desk.arrive(10, 1);
  EXPECT_EQ(desk.schedule(true), "a 1");
  desk.update();
  EXPECT_EQ(desk.schedule(false), "a 1, b 10 new");
}

// ---------------------------------------------------------------- KV blocks

// 16 tokens a block, so many blocks; prompts are not checked as a whole.
SchedulerConfig blocks(int n) {
  SchedulerConfig config = eight_sequences();
  config.num_blocks = n + 1;
  config.behaviour.reserve_full_isl = false;
  return config;
}

TEST(Scheduler, WhenBlocksRunShortTheLastAdmittedGoesAndNobodyIsAdmittedInItsPlace) {
  Desk desk(blocks(4));
  desk.arrive(32, 5);
  desk.arrive(32, 5);
  desk.arrive(1, 1);
  EXPECT_EQ(desk.step(), "a 32 new, b 32 new");
  EXPECT_EQ(desk.step(), "a 1; b out") << "c would fit, but nobody is admitted in a step that preempts";
  EXPECT_EQ(desk.waiting(), "bc") << "who was preempted comes first";
}

TEST(Scheduler, WhoWasPreemptedFindsItsOwnBlocksAgain) {
  Desk desk(blocks(4));
  RequestSpec named = spec(32, 3);
  const std::vector<ContentRun> prompt{{7, 32}};
  named.prompt = prompt;
  desk.arrive(32, 2);
  desk.arrive(named);
  EXPECT_EQ(desk.step(), "a 32 new, b 32 new");
  EXPECT_EQ(desk.step(), "a 1; b out");
  EXPECT_EQ(desk.step(), "b 17 again") << "33 tokens are known; a's third block was one of b's two";
}

TEST(Scheduler, ByPriorityTheHighestRankGoesAndItsGrantOfThisStepIsTakenBack) {
  SchedulerConfig config = blocks(4);
  config.policy = "priority";
  Desk desk(config);
  RequestSpec last = spec(20, 9);
  last.priority = 5;
  desk.arrive(last);
  EXPECT_EQ(desk.step(), "a 20 new");
  desk.arrive(32, 9);
  EXPECT_EQ(desk.step(), "a 1, b 32 new");
  EXPECT_EQ(desk.step(), "b 1; a out") << "b needs a third block, when a has its token already";
}

// Chunks of a block each; a's fourth and c's third have an image. There are eight blocks, so that in the
// fourth step b takes those of a, and c what a's image would have taken of the encoder's budget.
TEST(Scheduler, WhatTheEncoderWouldHaveDoneForWhoeverHasToGoIsDoneForAnother) {
  SchedulerConfig config = blocks(8);
  config.policy = "priority";
  config.long_prefill_token_threshold = 16;
  config.encoder = {.compute_budget = 16, .cache_size = 64};
  Desk desk(config);
  const std::vector<ContentRun> shown_to_a{{kPrivateContent, 48}, {7, 16}},
      shown_to_c{{kPrivateContent, 32}, {8, 16}, {kPrivateContent, 16}};
  const std::vector<MultimodalItem> image_of_a{{48, 16, 7}}, image_of_c{{32, 16, 8}};
  RequestSpec a = spec(64, 2), c = spec(64, 2);
  a.priority = 5;
  a.prompt = shown_to_a;
  a.items = image_of_a;
  c.prompt = shown_to_c;
  c.items = image_of_c;
  desk.arrive(a);
  EXPECT_EQ(desk.step(), "a 16 new");
  desk.arrive(64, 2);
  desk.arrive(c);
  EXPECT_EQ(desk.step(), "a 16, b 16 new, c 16 new");
  EXPECT_EQ(desk.step(), "a 16, b 16, c 16");
  EXPECT_EQ(desk.step(), "b 16, c 16; a out");
}

TEST(Scheduler, ARequestThatDoesNotFitIsNotOvertaken) {
  SchedulerConfig config = eight_sequences();
  config.num_blocks = 1 + 5;
  Desk desk(config);
  desk.arrive(32, 3);
  EXPECT_EQ(desk.step(), "a 32 new");
  desk.arrive(64, 1);
  desk.arrive(1, 1);
  EXPECT_EQ(desk.step(), "a 1") << "b needs four blocks of the two that are left";
  EXPECT_EQ(desk.step(), "a 1");
  EXPECT_EQ(desk.step(), "b 64 new") << "whose budget leaves c none";
  EXPECT_EQ(desk.step(), "c 1 new");
}

TEST(Scheduler, AnAdmissionChecksTheWholePromptOnlyIfToldTo) {
  SchedulerConfig config = eight_sequences();
  config.num_blocks = 1 + 5;
  for (const bool whole : {true, false}) {
    config.behaviour.reserve_full_isl = whole;
    Desk desk(config);
    desk.arrive(20, 3);
    desk.arrive(70, 1);  // five blocks
    EXPECT_EQ(desk.step(), whole ? "a 20 new" : "a 20 new, b 44 new");
  }
}

TEST(Scheduler, TheWatermarkIsLeftFreeBesideRunningRequestsOnly) {
  SchedulerConfig config = eight_sequences();
  config.num_blocks = 1 + 9;
  config.behaviour.watermark = 0.2;  // two blocks
  Desk desk(config);
  desk.arrive(64, 3);
  desk.arrive(64, 1);
  EXPECT_EQ(desk.step(), "a 64 new");
  EXPECT_EQ(desk.step(), "a 1") << "four blocks are free, and two must stay so";
  EXPECT_EQ(desk.step(), "a 1");
  EXPECT_EQ(desk.step(), "b 64 new");
}

TEST(Scheduler, EqualPromptsAdmittedInOneStepShareTheirBlocks) {
  Desk desk(eight_sequences());
  const std::vector<ContentRun> prompt{{7, 33}};
  RequestSpec named = spec(33, 2);
  named.prompt = prompt;
  desk.arrive(named);
  desk.arrive(named);
  EXPECT_EQ(desk.step(), "a 33 new, b 1 new");
  EXPECT_EQ(desk.used_blocks(), 4);
  EXPECT_EQ(desk['b'].hit_tokens, 32);
}

TEST(Scheduler, AllBlocksComeBackWhenAClientGivesUp) {
  Desk desk(eight_sequences());
  desk.arrive(30, 9);
  desk.arrive(100, 9);
  EXPECT_EQ(desk.step(), "a 30 new, b 34 new");
  desk.arrive(50, 9);
  desk.abort('c');
  EXPECT_EQ(desk.step(), "a 1, b 63") << "c was still waiting";
  desk.abort('b');
  EXPECT_EQ(desk.step(), "a 1");
  desk.abort('a');
  EXPECT_EQ(desk.step(), "-");
  EXPECT_EQ(desk.used_blocks(), 0);
}

// ---------------------------------------------------------------- the order of the waiting

TEST(Scheduler, ByPriorityTheLowestNumberIsAdmittedFirstAndTiesByArrivalThenId) {
  SchedulerConfig config = eight_sequences();
  config.policy = "priority";
  config.max_num_seqs = 1;
  Desk desk(config);
  const auto arrive = [&](int priority, int ms) {
    RequestSpec s = spec(10, 1);
    s.priority = priority;
    s.arrival = Time{std::chrono::milliseconds{ms}};
    desk.arrive(s);
  };
  arrive(1, 0), arrive(0, 20), arrive(0, 10), arrive(0, 10);
  std::string order;
  for (int i = 0; i < 4; ++i) order += desk.step() + "; ";
  EXPECT_EQ(order, "c 10 new; d 10 new; b 10 new; a 10 new; ");
}

// ---------------------------------------------------------------- steps in flight

SchedulerConfig asynchronous(SchedulerConfig config) {
  config.async_scheduling = true;
  config.batch_queue_size = 2;
  return config;
}

TEST(Scheduler, AnEndByLengthIsSeenComingWhileTheLastTokenIsInFlight) {
  Desk desk(asynchronous(eight_sequences()));
  desk.arrive(10, 2);
  EXPECT_EQ(desk.schedule(), "a 10 new");
  EXPECT_EQ(desk.schedule(), "a 1");
  EXPECT_EQ(desk.update(), "");
  EXPECT_EQ(desk.schedule(), "-");
  EXPECT_EQ(desk.update(), "a");
}

TEST(Scheduler, AnEndByAStopTokenIsNotAndWastesAPosition) {
  Desk desk(asynchronous(eight_sequences()));
  RequestSpec s = spec(10, 2);
  s.max_tokens = 100;
  desk.arrive(s);
  EXPECT_EQ(desk.schedule(), "a 10 new");
  EXPECT_EQ(desk.schedule(), "a 1");
  EXPECT_EQ(desk.update(), "");
  EXPECT_EQ(desk.schedule(), "a 1");
  EXPECT_EQ(desk.update(), "a");
  EXPECT_EQ(desk['a'].status, RequestStatus::finished_stopped);
  EXPECT_EQ(desk.update(), "");
  EXPECT_EQ(desk.used_blocks(), 0);
}

TEST(Scheduler, AnOutputIsCutWhereTheModelsContextEnds) {
  SchedulerConfig config = eight_sequences();
  config.max_model_len = 13;
  Desk desk(config);
  desk.arrive(10, 50);
  std::string ended;
  for (int i = 0; i < 3; ++i) desk.schedule(), ended += desk.update();
  EXPECT_EQ(ended, "a");
  EXPECT_EQ(desk['a'].outputs(), 3);
}

// ---------------------------------------------------------------- drafts

TEST(Scheduler, DraftsAreVerifiedBesideTheTokenAndOnlyTheAcceptedCount) {
  SchedulerConfig config = eight_sequences();
  config.num_spec_tokens = config.spec_lookahead = 3;
  Desk desk(config);
  desk.arrive(10, 50);
  EXPECT_EQ(desk.step(), "a 10 new");
  EXPECT_EQ(desk.step(), "a 4") << "nobody accepts any at this desk";
  EXPECT_EQ(desk.step(), "a 4");
  EXPECT_EQ(desk['a'].outputs(), 3);
}

TEST(Scheduler, AnAdmissionOfOneTokenBesideDraftsIsWidenedToADecode) {
  SchedulerConfig config = eight_sequences();
  config.num_spec_tokens = 3;
  Desk desk(config);
  desk.arrive(10, 50);
  EXPECT_EQ(desk.step(), "a 10 new");
  desk.arrive(1, 5);
  EXPECT_EQ(desk.step(), "a 4, b 4 new");
}

// ---------------------------------------------------------------- the cruise

TEST(Scheduler, QuietStepsLastUntilSomebodyIsDone) {
  Desk desk(eight_sequences());
  desk.arrive(10, 20);
  desk.arrive(10, 8);
  desk.step();
  ASSERT_EQ(desk.scheduler().quiet_steps(), 6) << "b's eighth token comes in the seventh step from here";
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(desk.scheduler().quiet_step(nullptr));
  EXPECT_EQ(desk.scheduler().quiet_steps(), 0);
  EXPECT_EQ(desk.schedule(), "a 1, b 1");
  EXPECT_EQ(desk.update(), "b");
  EXPECT_EQ(desk['b'].outputs(), 8);
}

TEST(Scheduler, AStepThatNeedsABlockThatIsNotThereIsNotQuiet) {
  Desk desk(blocks(3));
  desk.arrive(32, 50);
  desk.arrive(1, 50);
  desk.step();
  ASSERT_GT(desk.scheduler().quiet_steps(), 0);
  EXPECT_FALSE(desk.scheduler().quiet_step(nullptr)) << "a's 33rd token needs a third block, and b has that";
  EXPECT_EQ(desk.step(), "a 1; b out");
}

// Random traffic on small schedulers of all kinds: with the cruise and without, equal sentences.
TEST(SchedulerProperty, TheCruiseChangesNoDecision) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    const auto below = [&rng](int n) { return static_cast<int>(rng() % static_cast<std::uint64_t>(n)); };
    SchedulerConfig config = blocks(8 + below(60));
    config.behaviour.reserve_full_isl = below(2) == 0;
    config.block_size = 1 + below(16);
    config.max_model_len = 4 * config.block_size;
    config.max_num_seqs = 1 + below(8);
    config.enable_prefix_caching = below(3) != 0;
    if (below(2) == 0) config.policy = "priority";
    if (below(2) == 0) config = asynchronous(config);
    Desk ahead(config, true), plain(config, false);
    int created = 0;
    for (int step = 0; step < 120; ++step) {
      if (created < 26 && below(4) == 0) {
        RequestSpec s = spec(1 + below(config.max_model_len - 1), 1 + below(30));
        s.priority = below(3);
        if (below(2) == 0) s.max_tokens = s.output_tokens + 1 + below(5);
        const std::vector<ContentRun> prompt{{static_cast<ContentId>(1 + below(3)), s.prompt_tokens}};
        if (below(2) == 0) s.prompt = prompt;
        ahead.arrive(s);
        plain.arrive(s);
        ++created;
      }
      const std::string decided = plain.schedule();
      ASSERT_EQ(ahead.schedule(), decided) << "step " << step;
      if (plain.in_flight() == 0 || (decided != "-" && plain.in_flight() < config.batch_queue_size)) continue;
      ASSERT_EQ(ahead.update(), plain.update()) << "step " << step;
      ASSERT_EQ(ahead.used_blocks(), plain.used_blocks()) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace blis
