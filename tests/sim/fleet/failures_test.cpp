// Replicas that die, and their requests, in whole runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "sim/attribution.h"
#include "sim/saturation.h"
#include "tests/sim/fleet/same_requests.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

const FixedLatency kTenMs{10ms};

RunResult run_with(const OnePool& pool, std::vector<ReplicaFailure> failures,
                   std::vector<ToyRequest> requests, const LatencyModel& latency = kTenMs,
                   const char* router = "round_robin") {
  SimulationConfig config = deployed(pool, latency);
  config.router = standard_router(router);
  config.failures = std::move(failures);
  ListSource source(std::move(requests));
  return simulate(config, source);
}

ReplicaFailure dies(EngineIndex replica, Duration at, std::optional<Duration> restart_after = {}) {
  return {replica, Time{} + at, restart_after};
}

OnePool of(int replicas, OnePool pool = small()) {
  pool.replicas = replicas;
  return pool;
}

TEST(Failures, TakeTheTokensOfTheStepInFlight) {
  struct Row {
    Duration at;
    int tokens;
  };
  // Steps of 10 ms, each of which gives a token; one that ends at that instant has.
  constexpr Row kRows[] = {{9'999'999ns, 0},  {10ms, 1}, {10'000'001ns, 1},
                           {19'999'999ns, 1}, {20ms, 2}, {95ms, 9}};
  for (const Row& row : kRows) {
    for (const OnePool& pool : {of(1), of(1, asynchronous(small()))}) {
      const RunResult result = run_with(pool, {dies(0, row.at)}, {toy(at_ms(0), 16, 20)});
      const RequestRecord& lost = result.requests[0];
      EXPECT_EQ(lost.outcome, Outcome::failed) << row.at.count();
      EXPECT_EQ(lost.output_tokens, row.tokens) << row.at.count();
      EXPECT_EQ(lost.ended, Time{} + row.at);
      EXPECT_EQ(lost.last_token, row.tokens > 0 ? at_ms(10 * row.tokens) : kUnset);
      EXPECT_EQ(result.engines[0].steps.size(), static_cast<std::size_t>(row.tokens));
      ASSERT_EQ(result.downtimes.size(), 1u);
      EXPECT_EQ(result.downtimes[0].lost, 1);
      EXPECT_EQ(result.downtimes[0].to, kNever);
    }
  }
}

TEST(Failures, LoseWhatWaitsInTheServerAndInTheQueue) {
  OnePool pool = of(1);
  pool.engine.scheduler.max_num_seqs = 1;
  pool.api_latency = 5ms;
  const RunResult result =
      run_with(pool, {dies(0, 22ms)}, {toy(at_ms(0), 16, 20), toy(at_ms(1), 16, 20), toy(at_ms(20), 16, 20)});
  for (const RequestRecord& record : result.requests) EXPECT_EQ(record.outcome, Outcome::failed);
  EXPECT_EQ(result.requests[1].scheduled, kUnset);
  EXPECT_NE(result.requests[1].queued, kUnset);
  EXPECT_EQ(result.requests[2].visible, kUnset) << "the API server had it";
  EXPECT_EQ(result.downtimes[0].lost, 3);
}

TEST(Failures, SendRequestsToOthersAndThenToTheNewServer) {
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 12; ++i) requests.push_back(toy(at_ms(1000 * i), 16, 2));
  const RunResult result = run_with(of(2), {dies(1, 2500ms, 5s)}, requests);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(result.requests[i].outcome, Outcome::completed) << i;
    if (i >= 3 && i < 8) {
      EXPECT_EQ(result.requests[i].replica, 0) << i;
    }
  }
  const auto late = std::span(result.requests).subspan(8);
  EXPECT_TRUE(std::ranges::any_of(late, [](const RequestRecord& r) { return r.replica == 1; }));
  EXPECT_EQ(result.downtimes[0].to, at_ms(7500));
  EXPECT_TRUE(changes_size(result));
}

TEST(Failures, LeaveNothingCached) {
  const std::vector<ToyRequest> requests{known(at_ms(0), 7, 64, 2), known(at_ms(1000), 7, 64, 2),
                                         known(at_ms(4000), 7, 64, 2), known(at_ms(5000), 7, 64, 2)};
  const RunResult result = run_with(of(1), {dies(0, 2s, 1s)}, requests);
  EXPECT_EQ(result.requests[1].hit_tokens, 48);
  EXPECT_EQ(result.requests[2].hit_tokens, 0);
  EXPECT_EQ(result.requests[3].hit_tokens, 48);
}

TEST(Failures, OfAllReplicasFailRequestsAsTheyCome) {
  const RunResult result = run_with(of(2), {dies(0, 1s), dies(1, 1s, 2s)},
                                    {toy(at_ms(0), 16, 2), toy(at_ms(1500), 16, 2), toy(at_ms(3500), 16, 2)});
  EXPECT_EQ(result.requests[0].outcome, Outcome::completed);
  EXPECT_EQ(result.requests[1].outcome, Outcome::failed);
  EXPECT_EQ(result.requests[1].ended, at_ms(1501));
  EXPECT_EQ(result.requests[2].outcome, Outcome::completed);
  EXPECT_EQ(result.requests[2].replica, 1);
}

TEST(Failures, LeaveThoseAbortedWhoseClientsHadGivenUp) {
  ToyRequest impatient = toy(at_ms(0), 16, 20);
  impatient.spec.timeout = 14ms;
  const RunResult result = run_with(of(1), {dies(0, 17ms)}, {impatient});
  EXPECT_EQ(result.requests[0].outcome, Outcome::aborted);
  EXPECT_EQ(result.requests[0].ended, at_ms(14));
  EXPECT_EQ(result.downtimes[0].lost, 0);
}

TEST(Failures, AfterTheLastAnswerAreNone) {
  const std::vector<ToyRequest> requests{toy(at_ms(0), 16, 20), toy(at_ms(50), 16, 20)};
  const RunResult alive = run_with(of(2), {}, requests);
  const RunResult dead = run_with(of(2), {dies(0, 60s, 1s)}, requests);
  expect_same_requests(alive, dead);
  EXPECT_TRUE(dead.downtimes.empty());
}

// What ended before a death is what it would have been without; nothing comes from a replica that is dead;
// whoever had a request on it then has failed; and a server that comes back after the end might as well not.
TEST(Failures, ChangeNothingBeforeAndLoseExactlyWhatWasThere) {
  for (const Variant& variant : variants()) {
    if (variant.config.engine.data_parallel_ranks > 1 || variant.config.engine.pipeline_stages > 1) continue;
    for (std::uint32_t seed = 1; seed <= 6; ++seed) {
      SCOPED_TRACE(testing::Message() << variant.name << ", seed " << seed);
      std::mt19937_64 random(seed);
      const std::vector<ToyRequest> requests = random_traffic(random, 60, 150, 60, 20);
      const Duration death{static_cast<Duration::rep>(random() % 600'000'000)};
      const Time dead = Time{} + death;
      const OnePool pool = of(3, variant.config);
      const WorkLatency latency;
      const RunResult alive = run_with(pool, {}, requests, latency);
      const RunResult never = run_with(pool, {dies(1, death)}, requests, latency);
      const RunResult late = run_with(pool, {dies(1, death, 10h)}, requests, latency);
      const RunResult back = run_with(pool, {dies(1, death, 100ms)}, requests, latency);
      expect_same_requests(never, late);
      OnePool one_by_one = pool;
      one_by_one.engine.run_ahead = false;
      expect_same_requests(back, run_with(one_by_one, {dies(1, death, 100ms)}, requests, latency));
      std::int64_t lost = 0;
      for (std::size_t i = 0; i < requests.size(); ++i) {
        const RequestRecord &a = alive.requests[i], &n = never.requests[i];
        if (a.last_token != kUnset && a.last_token <= dead) {
          EXPECT_EQ(n.outcome, a.outcome);
          EXPECT_EQ(n.first_token, a.first_token);
          EXPECT_EQ(n.last_token, a.last_token);
        }
        if (n.outcome == Outcome::failed) {
          ++lost;
          EXPECT_EQ(n.replica, 1);
          EXPECT_EQ(n.ended, dead);
          EXPECT_LE(n.arrival, dead);
          EXPECT_LT(n.output_tokens, requests[i].spec.output_tokens);
          if (variant.config.engine.scheduler.num_spec_tokens == 0) {
            EXPECT_EQ(std::ssize(inter_token_gaps(never, n)), std::max(n.output_tokens - 1, 0));
          }
        } else {
          EXPECT_EQ(n.outcome, Outcome::completed);
          const Attribution parts = Attributor(never).of(n);
          EXPECT_EQ(std::accumulate(parts.parts.begin(), parts.parts.end(), Duration{0}),
                    n.last_token - n.arrival);
        }
        if (n.replica == 1) {
          EXPECT_LE(n.arrival, dead);
          for (const Time t : {n.visible, n.queued, n.scheduled, n.started, n.first_token, n.last_token})
            EXPECT_LE(t, dead);
        }
      }
      ASSERT_EQ(never.downtimes.size(), 1u);
      EXPECT_EQ(never.downtimes[0].lost, lost);
      for (const StepRecord& step : never.engines[1].steps) EXPECT_LE(step.end, dead);
      EXPECT_TRUE(std::ranges::all_of(back.requests, [](const RequestRecord& r) {
        return r.outcome == Outcome::completed || r.outcome == Outcome::failed;
      }));
      EXPECT_EQ(summarize(back, MetricsOptions{}).failed, back.downtimes[0].lost);
      EXPECT_EQ(assess_saturation(back).kind, Saturation::Kind::none);
    }
  }
}

}  // namespace
}  // namespace blis
