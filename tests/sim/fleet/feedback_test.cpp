#include <gtest/gtest.h>

#include <algorithm>

#include "sim/fleet/simulation.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using std::chrono::milliseconds;

// So many users, each of whom sends the next of his requests a while after the answer to the last.
class Users final : public RequestSource {
 public:
  Users(int users, int requests_each, Duration think, ToyRequest request)
      : think_(think), request_(std::move(request)), left_(static_cast<std::size_t>(users), requests_each) {
    for (std::size_t user = 0; user < left_.size(); ++user) due_.push_back({Time{}, user});
  }

  bool has_feedback() const override { return true; }
  Time next_arrival() const override { return due_.empty() ? kNever : std::ranges::min_element(due_)->first; }
  bool next(RequestSpec& spec) override {
    if (due_.empty()) return false;
    const auto first = std::ranges::min_element(due_);
    spec = request_.spec;
    spec.arrival = first->first;
    sender_.push_back(first->second);
    --left_[first->second];
    due_.erase(first);
    return true;
  }
  void on_ended(RequestIndex request, Time at, Outcome, std::int32_t) override {
    ended.push_back({request, at});
    if (left_[sender_[request]] > 0) due_.push_back({at + think_, sender_[request]});
  }

  std::vector<std::pair<RequestIndex, Time>> ended;
  std::size_t sender(RequestIndex request) const { return sender_[request]; }

 private:
  Duration think_;
  ToyRequest request_;
  std::vector<int> left_;
  std::vector<std::size_t> sender_;  // by request
  std::vector<std::pair<Time, std::size_t>> due_;
};

OnePool config_of(int replicas) {
  OnePool config;
  config.replicas = replicas;
  return config;
}

TEST(Feedback, TheNextRequestComesAfterTheAnswerAndTheThinkingTime) {
  Users users(1, 3, milliseconds{7}, toy(Time{}, 10, 2));
  const RunResult result = simulate(config_of(1), FixedLatency{milliseconds{10}}, users);
  ASSERT_EQ(result.requests.size(), 3u);
  EXPECT_EQ(since_start(result.requests[1].arrival), milliseconds{27});
  EXPECT_EQ(since_start(result.requests[2].arrival), milliseconds{54});
}

TEST(Feedback, NobodySendsBeforeHisLastAnswerHoweverManyUsersAndReplicas) {
  for (int replicas : {1, 2, 3}) {
    for (Duration think : {Duration{0}, Duration{milliseconds{3}}}) {
      Users users(7, 20, think, toy(Time{}, 40, 6));
      const RunResult result = simulate(config_of(replicas), WorkLatency{}, users);
      ASSERT_EQ(result.requests.size(), 140u);
      ASSERT_EQ(users.ended.size(), 140u);
      std::vector<Time> free_from(7);
      for (RequestIndex i = 0; i < 140; ++i) {
        const RequestRecord& r = result.requests[i];
        const std::size_t user = users.sender(i);
        EXPECT_EQ(since_start(r.arrival), since_start(free_from[user])) << i;
        free_from[user] = r.last_token + think;
      }
      for (const auto& [request, at] : users.ended) {
        EXPECT_EQ(since_start(at), since_start(result.requests[request].last_token));
      }
    }
  }
}

TEST(Feedback, ARefusalBehindTheGatewayIsHeardAtOnce) {
  OnePool pool = small();
  pool.limits.requests = 1;
  const FixedLatency latency{milliseconds{10}};
  SimulationConfig config = deployed(pool, latency);
  config.gateway = {.latency = milliseconds{4}};
  Users users(2, 3, milliseconds{7}, toy(Time{}, 10, 50));
  const RunResult result = simulate(config, users);
  // One is answered after half a second. The other is refused after 4 ms, and tries again 7 ms later.
  ASSERT_EQ(result.requests.size(), 6u);
  std::vector<std::int64_t> arrivals;
  for (const RequestRecord& r : result.requests) arrivals.push_back(ms(r.arrival));
  EXPECT_EQ(arrivals, (std::vector<std::int64_t>{0, 0, 11, 22, 511, 1022}));
}

TEST(Feedback, AClientWhoGivesUpIsReportedWhenHeDoesAndARefusalAtOnce) {
  ToyRequest request = toy(Time{}, 10, 100);
  request.spec.timeout = milliseconds{25};
  Users impatient(1, 2, milliseconds{1}, request);
  simulate(config_of(1), FixedLatency{milliseconds{10}}, impatient);
  ASSERT_EQ(impatient.ended.size(), 2u);
  EXPECT_EQ(since_start(impatient.ended[0].second), milliseconds{25});
  EXPECT_EQ(since_start(impatient.ended[1].second), milliseconds{51});

  Users refused(1, 2, milliseconds{1}, toy(Time{}, 100'000, 1));
  simulate(config_of(1), FixedLatency{milliseconds{10}}, refused);
  ASSERT_EQ(refused.ended.size(), 2u);
  EXPECT_EQ(since_start(refused.ended[1].second), milliseconds{1});
}

}  // namespace
}  // namespace blis
