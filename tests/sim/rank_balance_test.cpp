#include "sim/rank_balance.h"

#include <gtest/gtest.h>

namespace blis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The ranks that so many requests go to, sent `between` one another, while the coordinator tells the same.
std::vector<std::size_t> chosen(RankBalanceRule rule, std::vector<RankReport> reports, int requests,
                                Duration between = milliseconds{1}) {
  RankBalance balance(rule, reports.size());
  std::vector<std::size_t> ranks;
  for (int i = 0; i < requests; ++i) {
    ranks.push_back(balance.choose(static_cast<RequestIndex>(i), reports, Time{i * between}));
  }
  return ranks;
}

RankReport told(int waiting, int running, double kv_usage = 0) {
  return {{.running = running, .waiting = waiting, .kv_usage = kv_usage}, Time{}};
}

using Ranks = std::vector<std::size_t>;

TEST(RankBalance, EqualRanksTakeTurns) {
  EXPECT_EQ(chosen({}, {told(0, 0), told(0, 0), told(0, 0)}, 6), (Ranks{0, 1, 2, 0, 1, 2}));
}

TEST(RankBalance, ServersBeginAtRanksOfTheirOwn) {
  EXPECT_EQ(chosen({.api_servers = 3}, {told(0, 0), told(0, 0), told(0, 0)}, 3), (Ranks{0, 1, 2}));
}

// 4 waiting weigh as much as 16 running in the old rule, and as much as 4 in the new one.
TEST(RankBalance, WhoWaitsWeighedMoreBeforeJuly2026) {
  const std::vector<RankReport> reports{told(4, 0), told(0, 10)};
  EXPECT_EQ(chosen({.by_queues = true}, reports, 1), Ranks{1});
  EXPECT_EQ(chosen({}, reports, 1), Ranks{0});
}

TEST(RankBalance, AQueueBeforeAFullCacheCountsForMore) {
  // 4 + 4 x 6 x (0.9 - 0.5) = 13.6 against 10.
  EXPECT_EQ(chosen({}, {told(4, 0, 0.9), told(0, 10, 0.9)}, 1), Ranks{1});
}

// Of equals the scan finds the first from where it begins.
TEST(RankBalance, TiesRotateSinceJuly2026) {
  const auto second = [](bool rotates) {
    // The first request makes rank 1 equal to rank 0 in running; then both are told anew.
    RankBalance balance({.by_queues = true, .rotates_ties = rotates}, 2);
    const std::vector<RankReport> idle{told(0, 0), told(0, 0)};
    balance.choose(0, idle, Time{});
    std::vector<RankReport> again = idle;
    for (RankReport& report : again) report.at = Time{milliseconds{100}};
    return balance.choose(1, again, Time{milliseconds{150}});
  };
  EXPECT_EQ(second(true), 1u);
  EXPECT_EQ(second(false), 0u);
}

// Of four servers one has sent a request, and takes it for four that wait.
TEST(RankBalance, OneSentRequestStandsForThoseOfAllServers) {
  RankBalance balance({.api_servers = 4, .by_queues = true, .rotates_ties = false}, 2);
  const std::vector<RankReport> reports{told(0, 0), told(0, 15)};
  EXPECT_EQ(balance.choose(0, reports, Time{}), 0u);
  for (RequestIndex other = 1; other < 4; ++other) balance.choose(other, reports, Time{});
  EXPECT_EQ(balance.choose(4, reports, Time{}), 1u) << "the first server again: 4 x 4 against 15";
}

// What has been sent counts for each server as if all servers had sent as much, until it is answered.
TEST(RankBalance, AnsweredRequestsCountNoMore) {
  RankBalance balance({.rotates_ties = false}, 2);
  std::vector<RankReport> reports{told(0, 0), told(0, 0)};
  EXPECT_EQ(balance.choose(0, reports, Time{}), 0u);
  balance.ended(0);
  for (RankReport& report : reports) report.at = Time{milliseconds{100}};
  EXPECT_EQ(balance.choose(1, reports, Time{milliseconds{110}}), 0u);
  for (RankReport& report : reports) report.at = Time{milliseconds{200}};
  EXPECT_EQ(balance.choose(2, reports, Time{milliseconds{210}}), 1u) << "the first has one in flight";
}

// However busy a rank is, nobody hears of it: they take turns, and begin anew every five seconds.
TEST(RankBalance, RanksThatSayNothingTakeTurns) {
  const std::vector<RankReport> reports{told(50, 200), told(0, 0), told(0, 0)};
  const RankBalanceRule rule{.by_queues = true, .rotates_ties = false, .ranks_are_heard = false};
  EXPECT_EQ(chosen(rule, reports, 5), (Ranks{0, 1, 2, 0, 1}));
  EXPECT_EQ(chosen(rule, reports, 4, seconds{6}), (Ranks{0, 0, 0, 0})) << "six seconds apart";
}

}  // namespace
}  // namespace blis
