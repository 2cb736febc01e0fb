// What changed from release to release is one table, in order and with sources.
#include "roofline/release_changes.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace blis {
namespace {

TEST(ReleaseChanges, AreInOrderOnceEachAndWithTheirSource) {
  const auto changes = release_changes();
  EXPECT_TRUE(std::ranges::is_sorted(changes, {}, &ReleaseChange::from));
  EXPECT_TRUE(std::ranges::is_sorted(changes, {}, &ReleaseChange::minor));
  for (const ReleaseChange& c : changes) {
    EXPECT_EQ(std::ranges::count(changes, c.change, &ReleaseChange::change), 1) << c.what;
    EXPECT_FALSE(c.source.empty()) << c.what;
    EXPECT_EQ(c.from.size(), 10u) << c.what;
  }
}

TEST(ReleaseChanges, HoldFromTheirDayOn) {
  EXPECT_FALSE(has_change(Change::async_scheduling, "2025-12-15"));
  EXPECT_TRUE(has_change(Change::async_scheduling, "2025-12-16"));
  EXPECT_TRUE(has_change(Change::null_block_counts, "2026-08-20"));
}

}  // namespace
}  // namespace blis
