// Which blocks of windows and states stay findable, and how many a request may hold.
#include "sim/kv/retention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "sim/kv_group.h"

namespace blis {
namespace {

// The kept blocks of a sequence of `blocks`.
std::vector<int> kept(const Retention& retention, int prompt_end, int parting, int blocks) {
  std::vector<int> result;
  for (int block = 0; block < blocks;) {
    const BlockRange next = retention.next(block, prompt_end, parting);
    for (block = next.lo; block < std::min(next.hi, blocks); ++block) result.push_back(block);
  }
  return result;
}

TEST(Retention, KeepsTheBlocksBeforeThePromptsEnd) {
  EXPECT_EQ(kept({.everywhere = false, .need = 2}, 7, 0, 12), (std::vector{5, 6}));
  EXPECT_EQ(kept({.everywhere = false, .need = 9}, 3, 0, 12), (std::vector{0, 1, 2}));
  EXPECT_EQ(kept({.everywhere = false, .need = 2}, 0, 0, 12), std::vector<int>{}) << "a prompt of one block";
}

TEST(Retention, KeepsThoseBeforeThePlaceWherePromptsPart) {
  EXPECT_EQ(kept({.everywhere = false, .need = 2}, 9, 4, 12), (std::vector{2, 3, 7, 8}));
  EXPECT_EQ(kept({.everywhere = false, .need = 3}, 5, 4, 12), (std::vector{1, 2, 3, 4})) << "they overlap";
}

TEST(Retention, KeepsThoseBeforeTheEndOfEverySegment) {
  EXPECT_EQ(kept({.everywhere = false, .need = 1, .segment = 4}, 2, 0, 12), (std::vector{1, 3, 7, 11}));
}

TEST(Retention, KeepsABlockMoreWhereDraftsLoseOne) {
  EXPECT_EQ(kept({.everywhere = false, .need = 3, .beyond = 1}, 7, 0, 12), (std::vector{5, 6, 7}));
  EXPECT_EQ(kept({.everywhere = false, .need = 2, .beyond = 1, .segment = 4}, 1, 0, 10),
            (std::vector{0, 1, 3, 4, 7, 8}));
}

TEST(KvGroup, BlocksOfARequestFollowWhatTheGroupKeeps) {
  const KvGroup window{.kind = KvKind::window, .reach = 128}, chunk{.kind = KvKind::chunk, .reach = 128};
  const auto state = [](StateMode mode, int size) {
    return KvGroup{.kind = KvKind::state, .mode = mode, .block_size = size};
  };
  EXPECT_EQ(blocks_of_request({}, 1000, 64, 16), 63);
  EXPECT_EQ(blocks_of_request(window, 1000, 64, 16), 13) << "ceil((127 + 64) / 16) + 1";
  EXPECT_EQ(blocks_of_request(window, 100, 64, 16), 7) << "no more than it has";
  EXPECT_EQ(blocks_of_request(chunk, 1000, 64, 16), 12);
  EXPECT_EQ(blocks_of_request(state(StateMode::none, 1000), 1000, 64, 16), 1);
  EXPECT_EQ(blocks_of_request(state(StateMode::align, 16), 1000, 64, 16), 2);
}

}  // namespace
}  // namespace blis
