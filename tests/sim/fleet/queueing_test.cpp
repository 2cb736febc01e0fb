// What queueing theory knows exactly, a run must show: one seat, steps of one length, so that a request's
// service is its number of tokens.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "sim/fleet/simulation.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using std::chrono::milliseconds;

constexpr Duration kStep = milliseconds{1};
constexpr int kRequests = 100'000, kBatches = 40;

OnePool one_seat() {
  OnePool config = small();
  config.engine.scheduler.max_num_seqs = 1;
  return config;
}

double seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}

// Requests at random moments, `rate` a second, of as many tokens as `tokens` says.
std::vector<ToyRequest> poisson(double rate, std::mt19937_64& random, const std::function<int()>& tokens) {
  std::exponential_distribution<double> gap(rate);
  std::vector<ToyRequest> requests;
  double now = 0;
  for (int i = 0; i < kRequests; ++i) {
    now += gap(random);
    requests.push_back(toy(Time{Duration{std::llround(now * 1e9)}}, 1, tokens()));
  }
  return requests;
}

struct Estimate {
  double mean = 0, standard_error = 0;
};

// From the means of batches long enough to know little of each other.
Estimate mean_wait(const RunResult& result) {
  std::vector<double> means(kBatches);
  for (std::size_t i = 0; i < result.requests.size(); ++i) {
    const RequestRecord& r = result.requests[i];
    means[i * kBatches / result.requests.size()] += seconds(r.scheduled - r.arrival) * kBatches / kRequests;
  }
  Estimate estimate;
  for (const double mean : means) estimate.mean += mean / kBatches;
  double squares = 0;
  for (const double mean : means) squares += (mean - estimate.mean) * (mean - estimate.mean);
  estimate.standard_error = std::sqrt(squares / (kBatches - 1) / kBatches);
  return estimate;
}

// Within four standard errors, which are few enough percent to tell a wrong wait.
void expect_wait(const Estimate& found, double expected, const std::string& where) {
  EXPECT_NEAR(found.mean, expected, 4 * found.standard_error) << where;
  EXPECT_LT(found.standard_error, 0.04 * expected) << where;
}

// Pollaczek and Khinchine: the mean wait of M/G/1, from the first two moments of the service.
double expected_wait(double rate, double mean, double mean_square) {
  return rate * mean_square / (2 * (1 - rate * mean));
}

TEST(Queueing, EqualServicesWaitAsMD1Says) {
  constexpr int kTokens = 10;
  for (const double load : {0.2, 0.5, 0.7, 0.8}) {
    std::mt19937_64 random(7);
    const double service = kTokens * seconds(kStep), rate = load / service;
    const RunResult result =
        run(one_seat(), poisson(rate, random, [] { return kTokens; }), FixedLatency{kStep});
    const double expected = expected_wait(rate, service, service * service);
    expect_wait(mean_wait(result), expected, "load " + std::to_string(load));
  }
}

TEST(Queueing, UnequalServicesWaitAsMG1Says) {
  for (const double load : {0.3, 0.6, 0.75}) {
    std::mt19937_64 random(11);
    // One in ten takes twenty times as long: a coefficient of variation of two.
    std::bernoulli_distribution is_long(0.1);
    const double a = 5 * seconds(kStep), b = 100 * seconds(kStep);
    const double mean = 0.9 * a + 0.1 * b, mean_square = 0.9 * a * a + 0.1 * b * b;
    const double rate = load / mean;
    const RunResult result = run(one_seat(), poisson(rate, random, [&] { return is_long(random) ? 100 : 5; }),
                                 FixedLatency{kStep});
    expect_wait(mean_wait(result), expected_wait(rate, mean, mean_square), "load " + std::to_string(load));
  }
}

TEST(Queueing, SeatsAreTakenAsLongAsRequestsSit) {
  // Little's law for those who sit: the step log and the records count the same time.
  for (const Variant& variant : variants()) {
    if (variant.config.engine.scheduler.batch_queue_size > 1 || variant.config.engine.data_parallel_ranks > 1)
      continue;
    const std::uint64_t seed = 3;
    std::mt19937_64 random(seed);
    const RunResult result = run(variant.config, random_traffic(random, 2000, 60, 40, 20), WorkLatency{});
    double by_steps = 0, by_requests = 0;
    for (const StepRecord& step : result.engines[0].steps)
      by_steps += step.running * seconds(step.end - step.start);
    for (const RequestRecord& r : result.requests) {
      if (r.outcome != Outcome::completed && r.outcome != Outcome::length_capped) continue;
      by_requests += seconds(r.last_token - r.scheduled);
      // A preempted request sits among the waiting for a while.
      if (r.preemptions > 0) by_requests = std::nan("");
    }
    if (std::isnan(by_requests)) continue;
    EXPECT_NEAR(by_steps / by_requests, 1, 1e-9) << variant.name << ", seed " << seed;
  }
}

// Each user sends the next request some time after the answer to the last.
class Thinkers final : public RequestSource {
 public:
  Thinkers(int users, int requests, Duration think, int tokens)
      : think_(think), left_(requests), tokens_(tokens) {
    due_.assign(static_cast<std::size_t>(users), Time{});
  }
  bool has_feedback() const override { return true; }
  Time next_arrival() const override {
    return due_.empty() || left_ == 0 ? kNever : *std::ranges::min_element(due_);
  }
  bool next(RequestSpec& spec) override {
    if (due_.empty() || left_ == 0) return false;
    const auto first = std::ranges::min_element(due_);
    spec = toy(*first, 1, tokens_).spec;
    due_.erase(first);
    --left_;
    return true;
  }
  void on_ended(RequestIndex, Time at, Outcome, std::int32_t) override { due_.push_back(at + think_); }

 private:
  Duration think_;
  int left_, tokens_;
  std::vector<Time> due_;
};

TEST(Queueing, AClosedLoopKeepsToItsBounds) {
  // One seat, N users who think for Z between services of D: with everything fixed the bounds are reached,
  // once the users have found their turns.
  constexpr int kTokens = 10, kEach = 2000;
  const double service = kTokens * seconds(kStep);
  for (const int think_ms : {0, 15, 95}) {
    for (const int users : {1, 2, 5, 10, 20}) {
      Thinkers source(users, kEach, milliseconds{think_ms}, kTokens);
      const RunResult result = simulate(one_seat(), FixedLatency{kStep}, source);
      ASSERT_EQ(result.requests.size(), static_cast<std::size_t>(kEach));
      const double think = think_ms / 1e3;
      const double rate =
          (kEach - users) / seconds(result.requests.back().last_token -
                                    result.requests[static_cast<std::size_t>(users) - 1].last_token);
      EXPECT_NEAR(rate * std::max(service, (think + service) / users), 1, 1e-3)
          << users << " users thinking " << think_ms << " ms";
      double longest = 0;
      for (const RequestRecord& r : result.requests) {
        longest = std::max(longest, seconds(r.last_token - r.arrival));
        EXPECT_GE(r.last_token - r.arrival, kTokens * kStep);
      }
      EXPECT_LE(longest, users * service + 1e-9);
    }
  }
}

}  // namespace
}  // namespace blis
