// One engine by itself, as the simulation sees it: steps of 10 ms, led by hand.
#include "sim/vllm/engine.h"

#include <gtest/gtest.h>

#include "tests/sim/vllm/lone_engine.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

TEST(Engine, SleepsUntilSomethingIsSent) {
  LoneEngine lone(small_engine());
  EXPECT_EQ(lone.engine().next().at, kNever);
  EXPECT_EQ(lone.run(1000), "");
  lone.send(1200, 10, 2);
  EXPECT_EQ(lone.engine().next().at, at_ms(1200));
  EXPECT_FALSE(lone.engine().next().completes);
  EXPECT_EQ(lone.run(5000), "0");
  EXPECT_EQ(lone[0].last_token, at_ms(1220));
  EXPECT_EQ(lone.engine().next().at, kNever);
}

TEST(Engine, PlansNothingAtItsHorizonButEndsWhatEndsThere) {
  LoneEngine lone(small_engine());
  lone.send(0, 10, 5);
  EXPECT_EQ(lone.run(20), "");
  EXPECT_EQ(lone.steps(), 2u) << "the second step ends at 20 ms";
  EXPECT_EQ(lone.engine().next().at, at_ms(20));
  EXPECT_FALSE(lone.engine().next().completes)
      << "who is sent at 20 ms may still be in the step that follows";
  EXPECT_EQ(lone.run(25), "");
  EXPECT_TRUE(lone.engine().next().completes);
  EXPECT_EQ(lone.engine().next().at, at_ms(30));
}

TEST(Engine, PausesAfterAStepThatEndedARequestIfAsked) {
  LoneEngine lone(small_engine());
  lone.send(0, 10, 2);
  lone.send(0, 10, 4);
  EXPECT_EQ(lone.run(1000, true), "0");
  EXPECT_EQ(lone.run(1000, true), "1");
  LoneEngine other(small_engine());
  other.send(0, 10, 2);
  other.send(0, 10, 4);
  EXPECT_EQ(other.run(1000, false), "01");
}

TEST(Engine, AnAbortTakesEffectWhenTheStepInFlightIsDone) {
  LoneEngine lone(small_engine());
  const RequestIndex who = lone.send(0, 10, 100, 15ms);
  EXPECT_EQ(lone.run(15), "");
  lone.engine().abort(who);
  EXPECT_EQ(lone.run(1000), "0");
  EXPECT_EQ(lone[0].outcome, Outcome::aborted);
  EXPECT_EQ(lone[0].output_tokens, 1) << "the token of the step in flight comes too late";
}

// ---------------------------------------------------------------- gauges

struct Scrape {
  int at_ms;
  Gauges expected;
};

void expect_scrapes(const Instance& engine, const std::vector<Scrape>& scrapes) {
  for (const Scrape& scrape : scrapes) {
    const Gauges read = engine.published(at_ms(scrape.at_ms));
    EXPECT_EQ(read, scrape.expected) << "at " << scrape.at_ms << " ms: " << read.running << " running, "
                                     << read.waiting << " waiting, " << read.kv_usage << " of the blocks";
  }
}

// Two at a time, each with a block of ten. Three arrive at 100 ms; two more alone, much later.
TEST(Engine, GaugesStandFromTheEndOfOneStepToThatOfTheNext) {
  for (const bool asynchronous : {false, true}) {
    SCOPED_TRACE(asynchronous ? "asynchronous" : "synchronous");
    EngineConfig config = small_engine();
    config.scheduler.max_num_seqs = 2;
    config.scheduler.num_blocks = 11;
    config.scheduler.async_scheduling = asynchronous;
    config.scheduler.batch_queue_size = asynchronous ? 2 : 1;
    LoneEngine lone(config);
    for (int i = 0; i < 3; ++i) lone.send(100, 8, 3);
    lone.run(500);
    const Gauges idle{}, two{2, 1, 0.2}, one{1, 0, 0.1};
    expect_scrapes(lone.engine(), {{0, idle},
                                   {109, idle},  // nothing has been said of the first step yet
                                   {110, two},
                                   {129, two},
                                   {130, one},  // the third was admitted when the others were done
                                   {159, one},
                                   {160, idle},
                                   {499, idle}});
  }
}

TEST(Engine, GaugesOfAStepInFlightAreThoseOfItsPlanning) {
  LoneEngine lone(small_engine());
  lone.send(0, 16, 50);
  lone.run(25);
  lone.send(25, 16, 50);
  expect_scrapes(lone.engine(), {{10, {1, 0, 2 / 200.0}}, {24, {1, 0, 2 / 200.0}}});
  lone.run(35);
  expect_scrapes(lone.engine(), {{29, {1, 0, 2 / 200.0}}, {30, {2, 0, 3 / 200.0}}, {34, {2, 0, 3 / 200.0}}});
}

class Forgetful final : public StepReader {
  void take(const StepPiece&) override {}
};

TEST(Engine, ASecondOfStepsIsKeptForScrapers) {
  Forgetful reader;
  LoneEngine lone(small_engine(), {.readers = {&reader}, .keep = 1});
  lone.send(0, 8, 200);
  lone.run(5000);
  lone.send(5000, 8, 200);
  lone.run(6500);
  EXPECT_EQ(lone.engine().published(at_ms(5505)), (Gauges{1, 0, 4 / 200.0}));
  lone.run(7000);
  EXPECT_EQ(lone.engine().published(at_ms(6999)), (Gauges{1, 0, 13 / 200.0}));
  EXPECT_GT(lone.engine().take_result().steps.first_kept(), 200u) << "and what is older is forgotten";
}

// Eight sequences in the batch: of twelve requests of ten tokens four wait.
TEST(Engine, TellsOfItsLastStep) {
  LoneEngine lone(small_engine());
  EXPECT_EQ(lone.engine().last_pass(at_ms(0)), std::nullopt);
  for (int i = 0; i < 12; ++i) lone.send(0, 10, 3);
  lone.run(5);
  EXPECT_EQ(lone.engine().last_pass(at_ms(5)), std::nullopt) << "none has ended";
  lone.run(15);
  const auto pass = lone.engine().last_pass(at_ms(15));
  ASSERT_TRUE(pass);
  EXPECT_EQ(pass->decode_kv_tokens, 0) << "it computed prompts";
  EXPECT_GT(pass->queued_tokens, 0);
  EXPECT_EQ(pass->queued_tokens % 10, 0);
  lone.run(1000);
  EXPECT_EQ(lone.engine().last_pass(at_ms(1000)), PassMetrics{}) << "idle";
  lone.engine().restart();
  EXPECT_EQ(lone.engine().last_pass(at_ms(1000)), std::nullopt) << "a new server";
}

}  // namespace
}  // namespace blis
