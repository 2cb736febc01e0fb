#include "tools/report/replicas.h"

#include <gtest/gtest.h>

#include "tests/report/hand_made_report.h"

namespace blis {
namespace {

// The hand-made run, with a second replica that did what the first one did but for one request.
RunReport two_replicas() {
  RunReport report = hand_made_report();
  report.run.engines.push_back(report.run.engines[0]);
  RequestRecord other = report.run.requests[0];
  other.replica = 1;
  report.run.requests.push_back(other);
  report.run.engines[1].prefix = {.requests = 1, .queries = 100, .hits = 25};
  count(report);
  return report;
}

TEST(Replicas, ShareTheRequestsAndTokensOfTheRun) {
  const RunReport report = two_replicas();
  const std::vector<ReplicaFigures> replicas = replica_figures(report);
  ASSERT_EQ(replicas.size(), 2u);
  EXPECT_EQ(replicas[0].requests, 2);  // the one that is too long reached none
  EXPECT_EQ(replicas[1].requests, 1);
  EXPECT_EQ(replicas[0].total_output_tokens, 5);
  EXPECT_EQ(replicas[1].total_output_tokens, 4);
  EXPECT_EQ(replicas[0].completed + replicas[1].completed, report.metrics.completed);
  EXPECT_EQ(replicas[0].total_input_tokens + replicas[1].total_input_tokens,
            report.metrics.total_input_tokens);
  EXPECT_EQ(replicas[0].steps + replicas[1].steps, report.metrics.steps);
  EXPECT_EQ(replicas[1].prefix_hit_rate, 0.25);
}

TEST(Replicas, TellHowUnequalTheyWere) {
  const std::vector<Imbalance> pools = imbalances(replica_figures(two_replicas()));
  ASSERT_EQ(pools.size(), 1u);
  EXPECT_DOUBLE_EQ(pools[0].load, 1);  // equal steps
  EXPECT_DOUBLE_EQ(pools[0].requests, 2 / 1.5);
  EXPECT_DOUBLE_EQ(pools[0].total_output_tokens, 5 / 4.5);
}

TEST(Replicas, OfAPoolAreHeldAgainstThatPoolAlone) {
  RunReport report = two_replicas();
  report.pools = {"prefill", "decode"};
  const std::vector<Imbalance> pools = imbalances(replica_figures(report));
  ASSERT_EQ(pools.size(), 2u);
  for (const Imbalance& pool : pools) EXPECT_EQ(pool.requests, 1) << pool.pool;
}

TEST(Replicas, AreARowEachOrTheirExtremesIfThereAreMany) {
  std::vector<ReplicaFigures> replicas(kReplicasShown);
  for (std::size_t i = 0; i < replicas.size(); ++i) replicas[i].requests = static_cast<std::int64_t>(10 * i);
  const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  EXPECT_EQ(lines(replicas_text(replicas)), 1 + static_cast<long>(kReplicasShown));
  replicas.emplace_back().requests = 80;
  const std::string text = replicas_text(replicas);
  EXPECT_EQ(lines(text), 4) << text;
  EXPECT_NE(text.find("\nleast           0"), text.npos) << text;
  EXPECT_NE(text.find("\nmean           40"), text.npos) << text;
  EXPECT_NE(text.find("\nmost           80"), text.npos) << text;
}

}  // namespace
}  // namespace blis
