// With drafts, an admission whose prompt is cached but for one token is widened to a decode's width.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "sim/vllm/scheduler.h"

namespace blis {
namespace {

constexpr int kDrafts = 3, kBlock = 16;

// The grant of a request with a cached block and one token more, admitted beside nobody.
Grant admitted(PadRule rule, int max_model_len) {
  SchedulerConfig config;
  config.max_model_len = max_model_len;
  config.block_size = kBlock;
  config.num_blocks = 100;
  config.num_spec_tokens = kDrafts;
  config.behaviour.pad_rule = rule;
  Scheduler scheduler(config);
  const std::array prompt{ContentRun{7, kBlock + 1}};
  Decision decision;
  StepOutput output;
  for (RequestIndex i = 0; i < 2; ++i) {
    RequestSpec spec;
    spec.prompt_tokens = kBlock + 1;
    spec.output_tokens = 1;
    spec.prompt = prompt;
    scheduler.enqueue(scheduler.create(i, spec, i));
    scheduler.schedule(decision);
    EXPECT_EQ(decision.grants.size(), 1u);
    if (i == 1) break;
    scheduler.update(decision, output);
  }
  EXPECT_EQ(decision.grants.front().context, kBlock);
  return decision.grants.front();
}

TEST(DraftPadding, UnderTheLaterRuleLeavesRoomForOneTokenMoreInTheModelsContext) {
  constexpr int kWidth = 1 + kDrafts;
  const Grant fits = admitted(PadRule::later, kBlock + kWidth + 1),
              too_long = admitted(PadRule::later, kBlock + kWidth);
  EXPECT_EQ(fits.tokens, kWidth);
  EXPECT_EQ(fits.drafts, kDrafts);
  EXPECT_EQ(too_long.tokens, 1);
  EXPECT_EQ(too_long.drafts, 0);
}

// The grants of a step in which one decodes, and one with a cached block and one token more may be admitted.
std::vector<Grant> beside_a_decode(int max_model_len) {
  SchedulerConfig config;
  config.max_model_len = max_model_len;
  config.block_size = kBlock;
  config.num_blocks = 100;
  config.num_spec_tokens = kDrafts;
  config.behaviour.pad_rule = PadRule::strict;
  Scheduler scheduler(config, {.run_ahead = false});
  const std::array cached{ContentRun{7, kBlock + 1}};
  Decision decision;
  StepOutput output;
  for (RequestIndex i = 0; i < 3; ++i) {
    RequestSpec spec;
    spec.prompt_tokens = i == 1 ? 3 : kBlock + 1;
    spec.output_tokens = i == 1 ? 9 : 1;
    if (i != 1) spec.prompt = cached;
    scheduler.enqueue(scheduler.create(i, spec, i));
    scheduler.schedule(decision);
    if (i < 2) scheduler.update(decision, output);
  }
  return decision.grants;
}

TEST(DraftPadding, UnderTheStrictRuleWaitsWhereTheModelsContextHasNoRoomForDrafts) {
  constexpr int kWidth = 1 + kDrafts;
  const std::vector<Grant> fits = beside_a_decode(kBlock + kWidth);
  ASSERT_EQ(fits.size(), 2u);
  EXPECT_EQ(fits[1].tokens, kWidth);
  EXPECT_EQ(beside_a_decode(kBlock + kWidth - 1).size(), 1u);
}

TEST(DraftPadding, UnderTheOtherRulesNeedsSomeoneWhoDecodes) {
  for (const PadRule rule : {PadRule::none, PadRule::strict}) EXPECT_EQ(admitted(rule, 1000).tokens, 1);
}

}  // namespace
}  // namespace blis
