#include "sim/kv/attention_window.h"

#include <gtest/gtest.h>

#include <vector>

namespace blis {
namespace {

TEST(AttentionWindow, AHitEndsWithTheRightmostRunThatIsWideEnough) {
  struct Case {
    const char* what;
    std::vector<BlockRange> cached;
    int width, step, hit;
  };
  const Case cases[] = {
      {"nothing is cached", {}, 3, 1, 0},
      {"one run, wide enough", {{4, 8}}, 4, 1, 8},
      {"one run, a block too narrow", {{4, 7}}, 4, 1, 0},
      {"at the very start a run may be narrow", {{0, 2}}, 4, 1, 2},
      {"the rightmost of two", {{0, 5}, {7, 11}}, 4, 1, 11},
      {"the left one, as the right one is narrow", {{0, 5}, {7, 10}}, 4, 1, 5},
      {"ranges that touch are one run", {{2, 4}, {4, 6}}, 4, 1, 6},
      {"and end at the start", {{0, 1}, {1, 3}}, 4, 1, 3},
      {"what is beyond a whole step does not count", {{6, 11}}, 4, 2, 10},
      {"nor for the width", {{7, 11}}, 4, 2, 0},
      {"a run that is cut lies behind another", {{0, 4}, {6, 9}}, 4, 2, 4},
  };
  for (const Case& c : cases) EXPECT_EQ(window_hit(c.cached, c.width, c.step), c.hit) << c.what;
}

TEST(AttentionWindow, ATokenLooksBackAsFarAsTheWindowWithItself) {
  EXPECT_EQ(blocks_out_of_window(31, 16, 16), 1) << "16 to 31 are seen from 31";
  EXPECT_EQ(blocks_out_of_window(30, 16, 16), 0);
  EXPECT_EQ(blocks_in_window(1, 16), 1);
  EXPECT_EQ(blocks_in_window(17, 16), 1);
  EXPECT_EQ(blocks_in_window(18, 16), 2);
}

}  // namespace
}  // namespace blis
