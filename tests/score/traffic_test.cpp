// Traffic of measured cases: replayed, drawn, and in closed loops.
#include "tools/score/traffic.h"

#include <gtest/gtest.h>

#include <set>

#include "blis/error.hpp"
#include "tools/score/case_reader.h"

namespace blis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kTrafficCases = BLIS_SOURCE_DIR "/tests/score/measured";

MeasuredCase case_named(const std::string& id) {
  for (const MeasuredCase& c : read_cases(kTrafficCases)) {
    if (c.id == id) return c;
  }
  throw std::runtime_error("no case " + id);
}
std::vector<RecordedRequest> recorded(const MeasuredCase& c) {
  return read_recorded(c.per_request_csv);
}

TEST(DrawnTraffic, FillsEachStageExactlyAndRepeatsThePool) {
  const Traffic traffic = generate(case_named("drawn"), 7);
  ASSERT_EQ(traffic.stages.size(), 2u);
  for (const auto& [stage, count] : {std::pair{0, 20}, std::pair{1, 40}}) {
    const std::vector<PlannedRequest>& requests = traffic.stages[static_cast<std::size_t>(stage)].requests;
    ASSERT_EQ(requests.size(), static_cast<std::size_t>(count));
    EXPECT_EQ(requests.back().at, seconds(5));
    EXPECT_EQ(requests[0].prompt_tokens, 420);  // 5 % longer once tokenized again
    EXPECT_EQ(requests[0].prompt, requests[10].prompt);
    EXPECT_NE(requests[0].prompt, requests[1].prompt);
    EXPECT_EQ(requests[0].prompt[0].tokens, 105);  // the group's system prompt
  }
  std::set<ContentId> groups;
  for (std::size_t i = 0; i < 10; ++i) groups.insert(traffic.stages[0].requests[i].prompt[0].content);
  EXPECT_EQ(groups.size(), 2U);
}

TEST(DrawnTraffic, DependsOnTheSeedAndNothingElse) {
  const MeasuredCase c = case_named("drawn");
  EXPECT_EQ(generate(c, 1).stages[0].requests[3].at, generate(c, 1).stages[0].requests[3].at);
  EXPECT_NE(generate(c, 1).stages[0].requests[3].at, generate(c, 2).stages[0].requests[3].at);
}

TEST(DrawnTraffic, NeedsToKnowHowLongRequestsAre) {
  MeasuredCase c = case_named("drawn");
  c.output_tokens.reset();
  EXPECT_THROW(generate(c, 1), InputError);
}

TEST(ReplayedTraffic, ContinuesEarlierPrompts) {
  const MeasuredCase c = case_named("recorded");
  const Traffic traffic = replay(c, recorded(c));
  ASSERT_EQ(traffic.stages.size(), 2u);
  const std::vector<ContentRun>& first = traffic.stages[0].requests[0].prompt;
  const std::vector<ContentRun>& second = traffic.stages[0].requests[1].prompt;
  const std::vector<ContentRun>& fourth = traffic.stages[1].requests[1].prompt;
  EXPECT_EQ(second[0], first[0]);
  EXPECT_EQ(second[1].tokens, 80);
  // It continues the second, whose prompt is as long as what it has in common with somebody.
  ASSERT_EQ(fourth.size(), 3u);
  EXPECT_EQ(fourth[0], second[0]);
  EXPECT_EQ(fourth[1], second[1]);
  EXPECT_FALSE(traffic.stages[1].requests[1].scored);  // it failed
}

TEST(ReplayedTraffic, OneAtATimeIsAClosedLoop) {
  const MeasuredCase c = case_named("recorded");
  const Traffic traffic = replay(c, recorded(c));
  EXPECT_EQ(traffic.stages[0].max_in_flight, 1);
  EXPECT_EQ(traffic.stages[0].requests[1].at, Duration{0});
  EXPECT_EQ(traffic.stages[1].max_in_flight, 0);
  EXPECT_EQ(traffic.stages[1].requests[1].at, milliseconds(100));
}

TEST(ReplayedTraffic, AClientAtItsLimitSendsWhenItMayNotWhenItDid) {
  const MeasuredCase c = case_named("held-back");
  const Traffic traffic = replay(c, recorded(c));
  EXPECT_EQ(traffic.stages[0].max_in_flight, 2);
  EXPECT_EQ(traffic.stages[0].requests[2].at, milliseconds(200));
}

TEST(ClosedLoopTraffic, WarmsUpFirst) {
  const Traffic traffic = closed_loop(case_named("curve"), 4, 1);
  ASSERT_EQ(traffic.stages.size(), 2u);
  EXPECT_EQ(traffic.stages[0].requests.size(), 8u);
  EXPECT_FALSE(traffic.stages[0].requests[0].scored);
  EXPECT_EQ(traffic.stages[1].requests.size(), 40u);
  for (const PlannedRequest& r : traffic.stages[1].requests) {
    EXPECT_TRUE(r.prompt_tokens >= 80 && r.prompt_tokens <= 100) << r.prompt_tokens;
    EXPECT_TRUE(r.output_tokens >= 16 && r.output_tokens <= 20) << r.output_tokens;
  }
}

Traffic two_stages(std::int64_t limit) {
  PlannedStage stage{.index = 0,
                     .requests = {{milliseconds(0), 1, 1, {}, true}, {milliseconds(10), 1, 1, {}, true}},
                     .max_in_flight = limit};
  return {.stages = {stage, stage}, .gap = milliseconds(5)};
}

TEST(TrafficSource, AStageBeginsWhenTheOneBeforeHasDrained) {
  const Traffic traffic = two_stages(0);
  TrafficSource source(traffic);
  RequestSpec spec;
  ASSERT_TRUE(source.next(spec));
  ASSERT_TRUE(source.next(spec));
  EXPECT_EQ(spec.arrival, Time{milliseconds(10)});
  EXPECT_FALSE(source.next(spec));
  EXPECT_EQ(source.next_arrival(), kNever);
  source.on_ended(1, Time{milliseconds(30)}, Outcome::completed, 1);
  EXPECT_EQ(source.next_arrival(), kNever);
  source.on_ended(0, Time{milliseconds(40)}, Outcome::completed, 1);
  EXPECT_EQ(source.next_arrival(), Time{milliseconds(45)});
  ASSERT_TRUE(source.next(spec));
  ASSERT_TRUE(source.next(spec));
  EXPECT_EQ(spec.arrival, Time{milliseconds(55)});
}

TEST(TrafficSource, HoldsRequestsBackAtTheLimit) {
  const Traffic traffic = two_stages(1);
  TrafficSource source(traffic);
  RequestSpec spec;
  ASSERT_TRUE(source.next(spec));
  EXPECT_EQ(source.next_arrival(), kNever);
  source.on_ended(0, Time{milliseconds(25)}, Outcome::completed, 1);
  ASSERT_TRUE(source.next(spec));
  EXPECT_EQ(spec.arrival, Time{milliseconds(25)});  // due at 10 ms, free at 25
}

TEST(TrafficSource, OneOpenStageNeedsNoAnswers) {
  Traffic traffic = two_stages(0);
  traffic.stages.pop_back();
  TrafficSource source(traffic);
  EXPECT_FALSE(source.has_feedback());
  EXPECT_EQ(source.expected(), 2u);
  RequestSpec spec;
  EXPECT_TRUE(source.next(spec));
  EXPECT_TRUE(source.next(spec));
  EXPECT_FALSE(source.next(spec));
}

TEST(OfferedAtOnce, IsAllAlikeOrByTheFileThroughTheClientsLimit) {
  MeasuredCase c;
  c.id = "burst";
  c.num_requests = 3, c.max_concurrency = 2;
  EXPECT_THROW(offered_at_once(c, {}), InputError);
  c.nominal_prompt_tokens = 100, c.output_tokens = 20;
  const Traffic alike = offered_at_once(c, {});
  ASSERT_EQ(alike.stages.size(), 1u);
  EXPECT_EQ(alike.stages[0].max_in_flight, 2);
  ASSERT_EQ(alike.stages[0].requests.size(), 3u);
  EXPECT_EQ(alike.stages[0].requests[2].prompt_tokens, 100);
  RecordedRequest longer;
  longer.input_tokens = 7, longer.output_tokens = 9;
  const Traffic listed = offered_at_once(c, std::vector{longer});
  ASSERT_EQ(listed.stages[0].requests.size(), 1u);
  EXPECT_EQ(listed.stages[0].requests[0].output_tokens, 9);
  EXPECT_EQ(listed.stages[0].requests[0].at, Duration{0});
}

}  // namespace
}  // namespace blis
