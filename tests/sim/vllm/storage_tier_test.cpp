// Storage behind host memory: what it answers, and when transfers end.
#include "sim/vllm/storage_tier.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace blis {
namespace {

using Answer = StorageTier::Answer;

Time at(int milliseconds) {
  return Time{std::chrono::milliseconds{milliseconds}};
}

// A chunk takes a millisecond to read, and ten to write.
StorageTier tier() {
  return StorageTier({.read_bytes_per_second = 1e6, .write_bytes_per_second = 1e5}, 1000);
}

TEST(StorageTier, AnswersAtTheNextTry) {
  StorageTier storage = tier();
  storage.add(std::vector<ChunkKey>{7});
  EXPECT_EQ(storage.look_up(0, 7, at(1)), Answer::later);
  EXPECT_EQ(storage.look_up(0, 8, at(1)), Answer::later);
  EXPECT_TRUE(storage.busy(at(1)));
  EXPECT_EQ(storage.look_up(1, 7, at(1)), Answer::later) << "whoever asks";
  EXPECT_EQ(storage.look_up(0, 7, at(2)), Answer::there);
  EXPECT_EQ(storage.look_up(0, 8, at(2)), Answer::missing);
  EXPECT_FALSE(storage.busy(at(2)));
}

TEST(StorageTier, AnAnswerStaysAsLongAsSomebodyWhoAsked) {
  StorageTier storage = tier();
  storage.look_up(0, 7, at(1));
  storage.add(std::vector<ChunkKey>{7});
  EXPECT_EQ(storage.look_up(0, 7, at(2)), Answer::missing);
  EXPECT_EQ(storage.look_up(1, 7, at(3)), Answer::missing);
  storage.forget(0);
  EXPECT_EQ(storage.look_up(1, 7, at(4)), Answer::missing);
  storage.forget(1);
  storage.forget(1);
  EXPECT_EQ(storage.look_up(2, 7, at(5)), Answer::later);
  EXPECT_EQ(storage.look_up(2, 7, at(6)), Answer::there);
}

TEST(StorageTier, TransfersOfADirectionFollowEachOther) {
  StorageTier storage = tier();
  EXPECT_EQ(storage.read(3, at(10)), at(13));
  EXPECT_EQ(storage.read(2, at(11)), at(15));
  EXPECT_EQ(storage.write(std::vector<ChunkKey>{1, 2}, at(11)), at(31)) << "reads do not disturb writes";
  EXPECT_EQ(storage.read(1, at(20)), at(21));
  EXPECT_TRUE(storage.busy(at(30)));
  EXPECT_FALSE(storage.busy(at(31)));
}

TEST(StorageTier, WhatIsThereIsNotWrittenAgain) {
  StorageTier storage = tier();
  storage.add(std::vector<ChunkKey>{1, 2});
  EXPECT_EQ(storage.write(std::vector<ChunkKey>{1, 2, 3}, at(0)), at(10));
}

}  // namespace
}  // namespace blis
