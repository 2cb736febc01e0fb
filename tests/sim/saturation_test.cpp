#include "sim/saturation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace blis {
namespace {

Time at_s(double s) {
  return Time{to_duration(Seconds(s))};
}

// First come, first served by `servers` servers that take `service_s` each: the queue whose capacity is
// servers / service_s.
RunResult queue(std::uint64_t seed, double arrivals_per_s, int requests, int servers, double service_s) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<> gap(arrivals_per_s), varied(1 / (0.3 * service_s));
  std::vector<double> free_at(static_cast<std::size_t>(servers), 0.0);
  RunResult run;
  double now = 0;
  for (int i = 0; i < requests; ++i) {
    now += gap(random);
    const auto server = std::ranges::min_element(free_at);
    const double start = std::max(now, *server);
    *server = start + 0.7 * service_s + varied(random);
    RequestRecord r;
    r.arrival = r.queued = at_s(now);
    r.scheduled = at_s(start);
    r.first_token = r.last_token = at_s(*server);
    r.input_tokens = 100;
    r.output_tokens = 1;
    r.outcome = Outcome::completed;
    run.requests.push_back(r);
  }
  return run;
}

struct Server {
  int servers;
  int requests;
};

// One server is the hardest to tell: its queue is long and erratic at loads that it can bear.
class Load : public testing::TestWithParam<Server> {};

TEST_P(Load, Above120PercentIsNamedAndAt60IsNot) {
  constexpr double kService = 2;
  const auto [servers, requests] = GetParam();
  const double capacity = servers / kService;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Saturation over = assess_saturation(queue(seed, 1.2 * capacity, requests, servers, kService));
    EXPECT_EQ(over.kind, Saturation::Kind::growing) << to_sentence(over);
    EXPECT_NEAR(over.offered_requests, 1.2 * capacity, 0.15 * capacity);
    EXPECT_NEAR(over.served_requests, capacity, 0.1 * capacity);
    const Saturation under = assess_saturation(queue(seed, 0.6 * capacity, requests, servers, kService));
    EXPECT_EQ(under.kind, Saturation::Kind::none) << to_sentence(under);
  }
}
INSTANTIATE_TEST_SUITE_P(Servers, Load, testing::Values(Server{1, 2000}, Server{4, 2000}, Server{64, 6000}));

TEST(Saturation, OfRequestsThatComeAtOnceIsNamed) {
  RunResult run = queue(1, 1e9, 200, 4, 1);
  for (RequestRecord& r : run.requests) r.arrival = r.queued = Time{};
  const Saturation s = assess_saturation(run);
  EXPECT_EQ(s.kind, Saturation::Kind::growing);
  EXPECT_NE(to_sentence(s).find("all requests came at once"), std::string::npos) << to_sentence(s);
}

// No request ever waits, but each takes the longer the more there are: a batch that grows.
TEST(Saturation, OfABatchThatGrowsWithoutAQueueIsNamed) {
  RunResult run;
  for (int i = 0; i < 1000; ++i) {
    RequestRecord r;
    r.arrival = r.queued = r.scheduled = at_s(i * 0.1);
    r.first_token = r.last_token = at_s(i * 0.1 + 1 + 0.02 * i);
    r.outcome = Outcome::completed;
    run.requests.push_back(r);
  }
  EXPECT_EQ(assess_saturation(run).kind, Saturation::Kind::growing);
}

TEST(Saturation, OfABurstIsNamedAsSuch) {
  RunResult run = queue(1, 4, 2000, 16, 2);
  // One tenth of the requests comes in the middle within a second, and is served at 8 a second.
  std::vector<double> free_at(16, 0.0);
  for (std::size_t i = 800; i < 1000; ++i) {
    RequestRecord& r = run.requests[i];
    r.arrival = r.queued =
        run.requests[800].arrival + (run.requests[i].arrival - run.requests[800].arrival) / 100;
    r.scheduled = r.arrival + to_duration(Seconds(static_cast<double>(i - 800) / 8));
    r.first_token = r.last_token = r.scheduled + to_duration(Seconds(2));
  }
  EXPECT_EQ(assess_saturation(run).kind, Saturation::Kind::queueing);
}

TEST(Saturation, IsNotJudgedWhereReplicasCameOrWent) {
  RunResult run = queue(1, 1.2, 2000, 2, 2);
  run.scaling = {{.places = 3, .counts = {{Time{}, 0, 2, 0}}}};
  ASSERT_EQ(assess_saturation(run).kind, Saturation::Kind::growing) << "they might have, and did not";
  run.scaling[0].counts.push_back({at_s(900), 1, 2, 0});
  const Saturation judged = assess_saturation(run);
  EXPECT_EQ(judged.kind, Saturation::Kind::none);
  EXPECT_NEAR(judged.offered_requests, 1.2, 0.1) << "what was offered is known";
}

TEST(Saturation, IsNotSeenInTooFewRequestsOrNone) {
  EXPECT_EQ(assess_saturation(RunResult{}).kind, Saturation::Kind::none);
  EXPECT_EQ(assess_saturation(queue(1, 1, 1, 1, 1)).kind, Saturation::Kind::none);
  EXPECT_EQ(to_sentence(Saturation{}), "");
}

}  // namespace
}  // namespace blis
