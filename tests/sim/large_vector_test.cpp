#include "sim/large_vector.h"

#include <gtest/gtest.h>

#include <vector>

namespace blis {
namespace {

struct Pair {
  int first = 7;
  int second = 0;
  friend bool operator==(const Pair&, const Pair&) = default;
};

TEST(LargeVector, HoldsWhatAVectorWouldThroughAllSizesOfPages) {
  LargeVector<Pair> large;
  std::vector<Pair> plain;
  for (int i = 0; i < 2'000'000; ++i) {  // 16 MB
    large.push_back({i, -i});
    plain.push_back({i, -i});
  }
  EXPECT_TRUE(std::ranges::equal(large, plain));
  EXPECT_EQ(large.front(), (Pair{0, 0}));
  EXPECT_EQ(large.back(), (Pair{1'999'999, -1'999'999}));
}

TEST(LargeVector, MayBeGivenAValueOfItsOwnWhileItGrows) {
  LargeVector<Pair> vector{{1, 2}};
  for (int i = 0; i < 100; ++i) vector.push_back(vector.front());
  EXPECT_EQ(vector.size(), 101u);
  EXPECT_EQ(vector.back(), (Pair{1, 2}));
}

TEST(LargeVector, FillsWithWhatItsTypeBeginsWith) {
  LargeVector<Pair> vector;
  vector.resize(3);
  EXPECT_EQ(vector, (LargeVector<Pair>{{7, 0}, {7, 0}, {7, 0}}));
  vector[1] = {1, 1};
  vector.resize(2);
  vector.resize(3);
  EXPECT_EQ(vector, (LargeVector<Pair>{{7, 0}, {1, 1}, {7, 0}}));
  EXPECT_EQ(vector.emplace_back(), (Pair{7, 0}));
}

TEST(LargeVector, IsAValue) {
  const LargeVector<Pair> one{{1, 2}, {3, 4}};
  LargeVector<Pair> copy = one;
  copy[0] = {9, 9};
  EXPECT_EQ(one[0], (Pair{1, 2}));
  const LargeVector<Pair> moved = std::move(copy);
  EXPECT_EQ(moved, (LargeVector<Pair>{{9, 9}, {3, 4}}));
  copy = one;
  EXPECT_EQ(copy, one);
  EXPECT_TRUE(LargeVector<Pair>().empty());
}

}  // namespace
}  // namespace blis
