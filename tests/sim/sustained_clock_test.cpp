// Clocks under sustained arithmetic.
#include "sim/sustained_clock.h"

#include <gtest/gtest.h>

namespace blis {
namespace {

using std::chrono::milliseconds;

constexpr SustainedClockConfig kConfig{.slowdown = 0.2, .window = milliseconds(30)};

TEST(SustainedClock, ApproachesTheWholeSlowdownAndForgetsItWhenIdle) {
  SustainedClock clock(kConfig);
  Seconds slower{};
  for (int i = 0; i < 100; ++i) slower = clock.run(Duration{0}, Seconds(0.01), Seconds(0.01));
  EXPECT_NEAR(slower.count(), 0.002, 1e-5);
  EXPECT_LT(clock.run(std::chrono::seconds(10), Seconds(0.001), Seconds(0.001)).count(), 0.2 * 0.001 * 0.1);
}

TEST(SustainedClock, LeavesMemoryAlone) {
  SustainedClock clock(kConfig);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(clock.run(Duration{0}, Seconds(0), Seconds(0.01)).count(), 0);
}

TEST(SustainedClock, NeverAddsMoreThanItsShareWhateverTheSteps) {
  SustainedClock clock(kConfig);
  for (int i = 0; i < 1000; ++i) {
    const double total = 1e-4 * (1 + i % 300), compute = total * (i % 7) / 6;
    const double slower = clock.run(milliseconds(i % 5), Seconds(compute), Seconds(total)).count();
    EXPECT_GE(slower, 0);
    EXPECT_LE(slower, 0.2 * compute + 1e-15);
  }
}

TEST(SustainedClock, OffAddsNothing) {
  SustainedClock clock({.slowdown = 0, .window = milliseconds(30)});
  EXPECT_EQ(clock.run(Duration{0}, Seconds(1), Seconds(1)).count(), 0);
}

TEST(SustainedClock, WithoutAWindowActsAtOnce) {
  SustainedClock clock({.slowdown = 0.2, .window = Duration{0}});
  EXPECT_NEAR(clock.run(milliseconds(1), Seconds(0.5), Seconds(1)).count(), 0.2 * 0.5 * 0.5, 1e-12);
}

}  // namespace
}  // namespace blis
