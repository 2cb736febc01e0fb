// Where the filling-up ends: hand-made runs whose steady state is known.
#include "sim/warmup.h"

#include <gtest/gtest.h>

#include <chrono>

namespace blis {
namespace {

using std::chrono::milliseconds;

// A request every 10 ms; `stay_ms(i)` is how long the i-th is in the system.
template <class Stay>
RunResult run_of(int count, Stay stay_ms) {
  RunResult run;
  for (int i = 0; i < count; ++i) {
    RequestRecord r;
    r.arrival = Time{milliseconds{10 * i}};
    r.last_token = r.arrival + milliseconds{stay_ms(i)};
    r.outcome = Outcome::completed;
    run.requests.push_back(r);
  }
  return run;
}

TEST(Warmup, OfASteadyRunNothingIsLeftOut) {
  EXPECT_EQ(detect_warmup(run_of(1000, [](int) { return 5; })).requests, 0U);
}

TEST(Warmup, TheFillingUpIsLeftOut) {
  // Requests stay for 1 s, so that it takes 100 of them until the number in the system is level.
  const Warmup warmup = detect_warmup(run_of(2000, [](int) { return 1000; }));
  EXPECT_TRUE(warmup.settled);
  EXPECT_GE(warmup.requests, 80U);
  EXPECT_LE(warmup.requests, 110U);
}

TEST(Warmup, OfARunThatNeverSettlesNothingIsLeftOut) {
  // Each stays longer than the one before: the number in the system grows to the end.
  const Warmup warmup = detect_warmup(run_of(2000, [](int i) { return 10 * i; }));
  EXPECT_FALSE(warmup.settled);
  EXPECT_EQ(warmup.requests, 0U);
}

TEST(Warmup, AShortRunIsLeftAsItIs) {
  EXPECT_EQ(detect_warmup(run_of(199, [](int) { return 1000; })).requests, 0U);
  EXPECT_EQ(detect_warmup(RunResult{}).requests, 0U);
}

TEST(Warmup, RefusedRequestsAreInNobodysWay) {
  RunResult run = run_of(2000, [](int) { return 1000; });
  const std::uint32_t before = detect_warmup(run).requests;
  for (std::size_t i = 0; i < run.requests.size(); i += 50) {
    run.requests[i].outcome = Outcome::too_long;
    run.requests[i].last_token = kUnset;
  }
  const std::uint32_t after = detect_warmup(run).requests;
  EXPECT_NEAR(before, after, 15);
}

}  // namespace
}  // namespace blis
