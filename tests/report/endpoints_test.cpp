#include "tools/report/endpoints.h"

#include <gtest/gtest.h>

#include "tests/report/hand_made_report.h"

namespace blis {
namespace {

// The hand-made run, on an engine of three ranks, the second of which got one more request.
RunReport three_ranks() {
  RunReport report = hand_made_report();
  report.run.engines[0].endpoints = report.run.engines[0].ranks = 3;
  RequestRecord other = report.run.requests[0];
  other.rank = 1;
  report.run.requests.push_back(other);
  count(report);
  return report;
}

TEST(Endpoints, ShareTheRequestsAndTokensOfTheRun) {
  const RunReport report = three_ranks();
  ASSERT_TRUE(has_endpoints(report.run));
  const std::vector<EndpointFigures> endpoints = endpoint_figures(report);
  ASSERT_EQ(endpoints.size(), 3u);
  for (std::size_t rank = 0; rank < 3; ++rank) EXPECT_EQ(endpoints[rank].rank, rank);
  EXPECT_EQ(endpoints[0].requests, 2);  // the one that is too long reached none
  EXPECT_EQ(endpoints[1].requests, 1);
  EXPECT_EQ(endpoints[2].requests, 0);
  EXPECT_EQ(endpoints[0].completed + endpoints[1].completed, report.metrics.completed);
  EXPECT_EQ(endpoints[0].total_output_tokens + endpoints[1].total_output_tokens,
            report.metrics.total_output_tokens);
}

TEST(Endpoints, OfReplicasWithSeveralAloneAreCounted) {
  RunReport report = three_ranks();
  report.run.engines.insert(report.run.engines.begin(), report.run.engines[0]);
  report.run.engines[0].endpoints = report.run.engines[0].ranks = 1;
  report.run.requests.back().replica = 1;
  report.pools = {"one", "several"};
  const std::vector<EndpointFigures> endpoints = endpoint_figures(report);
  ASSERT_EQ(endpoints.size(), 3u);
  EXPECT_EQ(endpoints[0].pool, "several");
  EXPECT_EQ(endpoints[0].replica, 1);
  EXPECT_EQ(endpoints[0].requests, 0);
  EXPECT_EQ(endpoints[1].requests, 1);
}

TEST(Endpoints, GetPromptsThatAnotherPoolGoesOnWith) {
  RunReport report = three_ranks();
  report.run.engines.insert(report.run.engines.begin(), report.run.engines[0]);
  report.pools = {"prefill", "decode"};
  for (RequestRecord& r : report.run.requests) r.replica = 1;
  RequestRecord leg = report.run.requests[0];
  leg.replica = 0;
  leg.rank = 2;
  report.run.legs.records.push_back(leg);
  report.run.legs.requests.push_back(0);
  report.run.legs.handoffs.emplace_back();
  const std::vector<EndpointFigures> endpoints = endpoint_figures(report);
  ASSERT_EQ(endpoints.size(), 6u);
  EXPECT_EQ(endpoints[2].pool, "prefill");
  EXPECT_EQ(endpoints[2].requests, 1);
  EXPECT_EQ(endpoints[2].total_input_tokens, leg.input_tokens);
  EXPECT_EQ(endpoints[3].requests, 2);
}

TEST(Endpoints, OfSeveralRanksAreCountedTogether) {
  RunReport report = three_ranks();
  report.run.engines[0].ranks = 6;
  report.run.requests.back().rank = 3;
  const std::vector<EndpointFigures> endpoints = endpoint_figures(report);
  ASSERT_EQ(endpoints.size(), 3u);
  EXPECT_EQ(endpoints[1].rank, 2) << "the first of its two";
  EXPECT_EQ(endpoints[1].ranks, 2);
  EXPECT_EQ(endpoints[1].requests, 1);
}

TEST(Endpoints, OfEnginesWithOneEachAreNotMentioned) {
  EXPECT_FALSE(has_endpoints(hand_made_report().run));
  EXPECT_TRUE(endpoint_figures(hand_made_report()).empty());
}

}  // namespace
}  // namespace blis
