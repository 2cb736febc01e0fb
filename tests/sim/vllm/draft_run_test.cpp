// Steps that only verify drafts, taken ahead: when a run of them begins and ends, and what it leaves.
#include "sim/vllm/draft_run.h"

#include <gtest/gtest.h>

#include "sim/vllm/positions.h"
#include "sim/vllm/scheduler.h"

namespace blis {
namespace {

SchedulerConfig drafting() {
  SchedulerConfig config;
  config.max_num_seqs = 8;
  config.max_num_batched_tokens = 64;
  config.max_model_len = 512;
  config.num_blocks = 201;
  config.num_spec_tokens = config.spec_lookahead = 3;
  return config;
}

RequestSlot add(Scheduler& scheduler, RequestIndex index, int prompt, int output) {
  RequestSpec spec;
  spec.prompt_tokens = prompt;
  spec.output_tokens = output;
  const RequestSlot slot = scheduler.create(index, spec, index);
  scheduler.enqueue(slot);
  return slot;
}

TEST(DraftRun, BeginsWhenAllThatRunsVerifiesDrafts) {
  Scheduler scheduler(drafting());
  const RequestSlot first = add(scheduler, 0, 20, 100), second = add(scheduler, 1, 30, 100);
  EXPECT_FALSE(scheduler.begin_draft_run(nullptr, false)) << "nobody runs";
  Decision decision;
  StepOutput output;
  scheduler.schedule(decision);
  scheduler.update(decision, output);
  ASSERT_TRUE(scheduler.begin_draft_run(nullptr, false));
  EXPECT_FALSE(scheduler.begin_draft_run(nullptr, true)) << "the last decision left somebody waiting";

  ASSERT_TRUE(scheduler.begin_draft_run(nullptr, false));
  EXPECT_EQ(scheduler.draft_run().context(), 20 + 30);
  int drawn = 0;
  scheduler.draft_step([&] { return drawn++; });
  scheduler.draft_step([&] { return drawn++; });
  scheduler.end_draft_run(nullptr);
  EXPECT_EQ(scheduler[first].num_tokens, 20 + 1 + (1 + 0) + (1 + 2));
  EXPECT_EQ(scheduler[second].num_tokens, 30 + 1 + (1 + 1) + (1 + 3));

  scheduler.schedule(decision);
  ASSERT_EQ(decision.grants.size(), 2u);
  EXPECT_EQ(decision.step, 3u);
  EXPECT_EQ(decision.grants[0].tokens, 4);
  EXPECT_EQ(decision.grants[0].context, 24);
  EXPECT_EQ(decision.grants[1].context, 36);
}

TEST(DraftRun, EndsBeforeSomebodyMayBeDone) {
  Scheduler scheduler(drafting());
  add(scheduler, 0, 20, 12);
  Decision decision;
  StepOutput output;
  scheduler.schedule(decision);
  scheduler.update(decision, output);
  ASSERT_TRUE(scheduler.begin_draft_run(nullptr, false));
  scheduler.draft_step([] { return 3; });  // 5 of 12 tokens; 9 with the next step
  EXPECT_TRUE(scheduler.draft_step_fits());
  scheduler.draft_step([] { return 2; });  // 8, and 12 with the next
  EXPECT_FALSE(scheduler.draft_step_fits());
}

TEST(DraftRun, TakesNoMoreBlocksThanAreFree) {
  SchedulerConfig config = drafting();
  config.num_blocks = 3;
  config.max_model_len = 64;
  config.behaviour.reserve_full_isl = false;
  Scheduler scheduler(config);
  add(scheduler, 0, 10, 40);
  Decision decision;
  StepOutput output;
  scheduler.schedule(decision);
  scheduler.update(decision, output);
  int steps = 0;
  for (bool fits = scheduler.begin_draft_run(nullptr, false); fits; fits = scheduler.draft_step_fits()) {
    scheduler.draft_step([] { return 0; });
    ++steps;
  }
  // Two blocks hold 32 tokens: 11 known ones, a token each step, and the slots of 3 drafts and 3 more.
  EXPECT_EQ(steps, 32 - 11 - 3 - 3 + 1);
  EXPECT_EQ(scheduler.kv().free_blocks(), 0);
}

TEST(Positions, AreReachedInTheirShareOfTheNumbers) {
  constexpr std::uint64_t kOne = std::uint64_t{1} << 11;
  const auto share = [](double s) { return static_cast<std::uint64_t>(s * 0x1p53) << 11; };
  const Positions positions({1, 0.5, 0.25, 0});
  EXPECT_EQ(positions.reached(0), 3);
  EXPECT_EQ(positions.reached(share(0.25) - kOne), 3);
  EXPECT_EQ(positions.reached(share(0.25)), 2);
  EXPECT_EQ(positions.reached(share(0.5) - kOne), 2);
  EXPECT_EQ(positions.reached(share(0.5)), 1);
  EXPECT_EQ(positions.reached(~std::uint64_t{0}), 1);
  EXPECT_EQ(Positions({}).reached(0), 0);
}

}  // namespace
}  // namespace blis
