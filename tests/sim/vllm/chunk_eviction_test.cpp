// Which chunks leave a full store, against a plain oracle of the rules of vLLM's policies.
#include "sim/vllm/chunk_eviction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "sim/vllm/lookup_counts.h"

namespace blis {
namespace {

using Keys = std::vector<ChunkKey>;

bool holds(const Keys& keys, ChunkKey key) {
  return std::ranges::find(keys, key) != keys.end();
}
void to_the_end(Keys& keys, ChunkKey key) {
  std::erase(keys, key);
  keys.push_back(key);
}

// The policy of a store, which marks what is being written or read.
class Store {
 public:
  Store(std::string_view policy, std::size_t capacity) : policy_(make_chunk_eviction(policy, capacity)) {}

  void insert(ChunkKey key, Time ready = Time{}) {
    StoredChunk& chunk = chunks[key];
    chunk.ready = ready;
    policy_->insert(key, chunk);
  }
  void use(const Keys& keys, Time now = Time{}) { policy_->use(keys, chunks, now); }
  bool evict(std::size_t count, Time now = Time{}) { return policy_->evict(count, chunks, now); }
  Keys keys() const {
    Keys all;
    for (const auto& [key, chunk] : chunks) all.push_back(key);
    std::ranges::sort(all);
    return all;
  }

  StoredChunks chunks;

 private:
  std::unique_ptr<ChunkEviction> policy_;
};

TEST(ChunkEviction, OfTheLeastRecentlyUsedTheEndOfAPromptLeavesFirst) {
  Store store("lru", 4);
  for (const ChunkKey key : {1, 2, 3, 4}) store.insert(key);
  store.use({1, 2, 3});
  EXPECT_TRUE(store.evict(2));
  EXPECT_EQ(store.keys(), (Keys{1, 2}));
}

TEST(ChunkEviction, OfArcWhatWasUsedOnceLeavesBeforeWhatWasUsedAgain) {
  Store store("arc", 4);
  for (const ChunkKey key : {1, 2, 3, 4}) store.insert(key);
  store.use({1, 2});
  EXPECT_TRUE(store.evict(2));
  EXPECT_EQ(store.keys(), (Keys{1, 2})) << "though they came first";
  store.insert(5);
  EXPECT_TRUE(store.evict(1));
  EXPECT_EQ(store.keys(), (Keys{1, 2})) << "a scan does not displace them";
}

TEST(ChunkEviction, OfArcAChunkThatIsBeingWrittenHasNotBeenUsedAgain) {
  Store store("arc", 2);
  store.insert(1, Time{std::chrono::milliseconds{5}});
  store.insert(2);
  store.use({1, 2});
  EXPECT_TRUE(store.evict(1, Time{std::chrono::milliseconds{5}}));
  EXPECT_EQ(store.keys(), Keys{2});
}

// vLLM gives up once neither list gives a chunk, though the one below its target has some.
TEST(ChunkEviction, OfArcNothingLeavesWhereTheListsTurnHasNone) {
  Store store("arc", 4);
  for (const ChunkKey key : {1, 2, 3, 4}) store.insert(key);
  EXPECT_TRUE(store.evict(4));
  for (int i = 0; i < 4; ++i) store.use({1});
  store.insert(5);
  EXPECT_FALSE(store.evict(1)) << "four may have been used once, and there is one";
  EXPECT_EQ(store.keys(), Keys{5});
}

TEST(ChunkEviction, WhatIsReadOrWrittenStays) {
  for (const ChunkEvictionRow& row : kChunkEvictions) {
    SCOPED_TRACE(row.name);
    Store store(row.name, 3);
    for (const ChunkKey key : {1, 2}) store.insert(key);
    store.insert(3, Time{std::chrono::milliseconds{5}});
    store.chunks.at(1).readers = 1;
    EXPECT_FALSE(store.evict(2));
    EXPECT_EQ(store.keys(), (Keys{1, 2, 3})) << "none leaves where there are too few";
    EXPECT_TRUE(store.evict(1));
    EXPECT_EQ(store.keys(), (Keys{1, 3}));
    EXPECT_FALSE(store.evict(1));
  }
}

// ARC as vLLM states it, by lists that are searched from one end to the other.
struct PlainArc {
  double capacity = 0, target = 0;
  Keys t1{}, t2{}, b1{}, b2{};  // the next to leave first

  void insert(ChunkKey key) {
    t1.push_back(key);
    std::erase(b1, key);
    std::erase(b2, key);
  }
  template <class IsReady>
  void use(const Keys& keys, IsReady is_ready) {
    for (std::size_t i = keys.size(); i-- > 0;) {
      const ChunkKey key = keys[i];
      const double ones = static_cast<double>(b1.size()), others = static_cast<double>(b2.size());
      if (holds(t1, key)) {
        std::erase(t1, key);
        (is_ready(key) ? t2 : t1).push_back(key);
      } else if (holds(t2, key)) {
        to_the_end(t2, key);
      } else if (holds(b1, key)) {
        target = std::min(target + std::max(1.0, others / ones), capacity);
        to_the_end(b1, key);
      } else if (holds(b2, key)) {
        target = std::max(target - std::max(1.0, ones / others), 0.0);
        to_the_end(b2, key);
      }
    }
  }
  template <class MayLeave>
  bool evict(std::size_t count, MayLeave may_leave) {
    Keys left1 = t1, left2 = t2, gone1, gone2;
    const auto take = [&](Keys& from, Keys& gone) {
      const auto found = std::ranges::find_if(from, may_leave);
      if (found == from.end()) return false;
      gone.push_back(*found);
      from.erase(found);
      return true;
    };
    for (std::size_t i = 0; i < count; ++i) {
      const bool first = static_cast<double>(left1.size()) >= std::floor(target) && take(left1, gone1);
      if (!first && !take(left2, gone2)) return false;
    }
    t1 = left1, t2 = left2;
    for (const ChunkKey key : gone1) b1.push_back(key);
    for (const ChunkKey key : gone2) b2.push_back(key);
    while (static_cast<double>(b1.size()) > capacity) b1.erase(b1.begin());
    while (static_cast<double>(b2.size()) > capacity) b2.erase(b2.begin());
    return true;
  }
};

TEST(ChunkEvictionProperty, ArcDecidesAsThePlainOne) {
  int evictions = 0, failures = 0, of_again = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    const auto below = [&rng](std::size_t n) { return rng() % n; };
    const std::size_t capacity = 1 + below(30), universe = 2 + below(3 * capacity + 4);
    Store store("arc", capacity);
    PlainArc plain{.capacity = static_cast<double>(capacity)};
    Time now{};
    for (int round = 0; round < 400; ++round) {
      now += std::chrono::milliseconds{below(3)};
      const auto is_ready = [&](ChunkKey key) { return store.chunks.at(key).ready <= now; };
      // Most ask for the first ones.
      const std::size_t first = below(universe) * below(2), length = 1 + below(8);
      Keys chain;
      for (std::size_t i = first; i < std::min(universe, first + length); ++i) chain.push_back(i);
      switch (below(4)) {
        case 0:
          store.use(chain, now);
          plain.use(chain, is_ready);
          break;
        case 1: {  // some reader comes or goes
          const auto chunk = store.chunks.find(chain.front());
          if (chunk != store.chunks.end() && is_ready(chunk->first))
            chunk->second.readers = chunk->second.readers == 0 ? 1 : 0;
          break;
        }
        default: {  // a prompt is written
          Keys missing;
          for (const ChunkKey key : chain) {
            if (!store.chunks.contains(key)) missing.push_back(key);
          }
          const auto may_leave = [&](ChunkKey key) {
            return store.chunks.at(key).idle(now) && !holds(chain, key);
          };
          if (store.chunks.size() + missing.size() > capacity) {
            const std::size_t count = store.chunks.size() + missing.size() - capacity;
            const Keys before = plain.t2;
            const bool expected = plain.evict(count, may_leave);
            for (const ChunkKey key : chain) {
              if (store.chunks.contains(key)) ++store.chunks.at(key).readers;
            }
            ASSERT_EQ(store.evict(count, now), expected) << "round " << round;
            for (const ChunkKey key : chain) {
              if (store.chunks.contains(key)) --store.chunks.at(key).readers;
            }
            ++(expected ? evictions : failures);
            if (before.size() > plain.t2.size()) ++of_again;
            if (!expected) break;
          }
          for (const ChunkKey key : missing) {
            store.insert(key, now + std::chrono::milliseconds{below(4)});
            plain.insert(key);
          }
          break;
        }
      }
      Keys expected = plain.t1;
      expected.insert(expected.end(), plain.t2.begin(), plain.t2.end());
      std::ranges::sort(expected);
      ASSERT_EQ(store.keys(), expected) << "round " << round;
      for (const ChunkKey key : plain.t2) ASSERT_TRUE(store.chunks.at(key).often) << "round " << round;
      for (const ChunkKey key : plain.t1) ASSERT_FALSE(store.chunks.at(key).often) << "round " << round;
    }
  }
  EXPECT_GT(evictions, 500);
  EXPECT_GT(failures, 50);
  EXPECT_GT(of_again, 50);
}

TEST(LookupCounts, TheOneLookedUpLongestAgoIsForgotten) {
  LookupCounts counts(2);
  for (const ChunkKey key : {1, 2, 1, 3}) counts.count(key);
  EXPECT_EQ(counts.times(1), 2);
  EXPECT_EQ(counts.times(2), 0);
  EXPECT_EQ(counts.times(3), 1);
}

}  // namespace
}  // namespace blis
