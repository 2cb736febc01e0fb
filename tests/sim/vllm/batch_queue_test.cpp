// What an engine does between decisions: stages of a pipeline, slots without tokens, grammars in the making.
#include <gtest/gtest.h>

#include "tests/sim/vllm/lone_engine.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

EngineConfig two_stages(bool runner_v2) {
  EngineConfig config = small_engine();
  config.pipeline_stages = 2;
  config.scheduler.async_scheduling = true;
  config.scheduler.batch_queue_size = runner_v2 ? 3 : 2;
  config.scheduler.decode_interval = runner_v2 ? 2 : 1;
  return config;
}

// A step takes 10 ms on each stage, so that a token follows its predecessor after 20 ms at the earliest.
TEST(Pipeline, ATokenWaitsForItsPredecessorToLeaveTheLastStage) {
  for (const bool runner_v2 : {false, true}) {
    LoneEngine lone(two_stages(runner_v2));
    lone.send(0, 10, 4);
    EXPECT_EQ(lone.run(1000), "0");
    EXPECT_EQ(lone[0].first_token, at_ms(20));
    EXPECT_EQ(lone[0].last_token, at_ms(80)) << "runner V2: " << runner_v2;
  }
}

TEST(Pipeline, RunnerV2OverlapsTheStepsOfRequestsThatTakeTurns) {
  LoneEngine packed(two_stages(false)), in_turn(two_stages(true));
  for (LoneEngine* const lone : {&packed, &in_turn}) {
    lone->send(0, 10, 3);
    lone->send(5, 10, 2);
    EXPECT_EQ(lone->run(1000).size(), 2u);
    EXPECT_EQ((*lone)[0].last_token, at_ms(60));
  }
  // V1 puts both into the step that waits for the first one's token.
  EXPECT_EQ(packed[1].first_token, at_ms(60));
  EXPECT_EQ(packed[1].last_token, at_ms(80));
  // V2 starts the second on the first stage while the first is on the second: at 30 ms, when that is free.
  EXPECT_EQ(in_turn[1].first_token, at_ms(50));
  EXPECT_EQ(in_turn[1].last_token, at_ms(70));
}

TEST(Pipeline, EverySequenceEndsWhateverTheQueueHolds) {
  for (const int stages : {2, 3, 4}) {
    for (const bool holds : {false, true}) {
      for (const bool runner_v2 : {false, true}) {
        EngineConfig config = two_stages(runner_v2);
        config.pipeline_stages = stages;
        config.scheduler.batch_queue_size = runner_v2 ? stages + 1 : stages;
        config.scheduler.decode_interval = runner_v2 ? stages : 1;
        config.scheduler.behaviour.queue_holds_empty_batches = holds;
        LoneEngine lone(config);
        for (int i = 0; i < 6; ++i) lone.send(7 * i, 10 + i, 1 + i);
        EXPECT_EQ(lone.run(100'000).size(), 6u) << stages << holds << runner_v2;
        EXPECT_EQ(lone.engine().next().at, kNever);
      }
    }
  }
}

RequestSpec structured(int ms, int prompt, int output) {
  RequestSpec spec = toy(at_ms(ms), prompt, output).spec;
  spec.structured_output = true;
  return spec;
}

TEST(Grammar, ARequestIsAdmittedOnceItsGrammarIsCompiled) {
  EngineConfig config = small_engine();
  config.grammar_compile = 25ms;
  LoneEngine lone(config);
  lone.send(structured(0, 10, 2));
  EXPECT_EQ(lone.run(1000), "0");
  EXPECT_EQ(lone[0].queued, at_ms(0));
  EXPECT_EQ(lone[0].scheduled, at_ms(25));
  EXPECT_EQ(lone[0].last_token, at_ms(45));
}

TEST(Grammar, OthersAreNotHeldUp) {
  EngineConfig config = small_engine();
  config.grammar_compile = 25ms;
  LoneEngine lone(config);
  lone.send(structured(0, 10, 2));
  lone.send(0, 10, 5);
  EXPECT_EQ(lone.run(1000), "10") << "both in the same step, in the order of admission";
  EXPECT_EQ(lone[1].scheduled, at_ms(0));
  EXPECT_EQ(lone[0].scheduled, at_ms(30)) << "the first step after 25 ms";
}

TEST(Grammar, WhoGivesUpMeanwhileIsForgotten) {
  EngineConfig config = small_engine();
  config.grammar_compile = 25ms;
  LoneEngine lone(config);
  RequestSpec spec = structured(0, 10, 2);
  spec.timeout = 5ms;
  const RequestIndex who = lone.send(spec);
  EXPECT_EQ(lone.run(5), "");
  lone.engine().abort(who);
  EXPECT_EQ(lone.run(1000), "0");
  EXPECT_EQ(lone[0].outcome, Outcome::aborted);
  lone.send(30, 10, 1);
  EXPECT_EQ(lone.run(2000), "1");
}

}  // namespace
}  // namespace blis
