#include "sim/prefix_lru.h"

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <random>

namespace blis {
namespace {

constexpr int kBlock = 64;

class Prompts {
 public:
  std::vector<ChainLink> chain(std::span<const ContentRun> runs) {
    std::int32_t tokens = 0;
    for (const ContentRun& run : runs) tokens += run.tokens;
    std::vector<ChainLink> links;
    use_prompt(tree_, runs, tokens, 0, links);
    return links;
  }
  void release(std::span<const ChainLink> links) {
    for (const ChainLink& link : links) tree_.release(link.node);
  }
  ContentTree& tree() { return tree_; }

 private:
  ContentTree tree_;
};

struct Fixture {
  Prompts prompts;
  PrefixLru index;
  explicit Fixture(std::int64_t capacity, PrefixLru::Rules rules = {.block_tokens = kBlock})
      : index(prompts.tree(), rules, std::vector<std::int64_t>(3, capacity)) {}

  void send(std::vector<ContentRun> runs, std::size_t replica) {
    const auto links = prompts.chain(runs);
    index.insert(links, replica);
    prompts.release(links);
  }
  PrefixMatches match(std::vector<ContentRun> runs) {
    PrefixMatches found;
    const auto links = prompts.chain(runs);
    index.match(links, found);
    prompts.release(links);
    return found;
  }
};

using Blocks = std::vector<std::int32_t>;

TEST(PrefixLru, CountsTheBlocksThatWereSentBefore) {
  Fixture f(1000);
  f.send({{1, 6000}, {2, 1200}}, 1);
  const PrefixMatches same = f.match({{1, 6000}, {2, 1200}});
  EXPECT_EQ(same.total, 113) << "the last one is half a block";
  EXPECT_EQ(same.blocks, (Blocks{0, 113, 0}));
  EXPECT_EQ(f.match({{1, 6000}, {3, 1200}}).blocks, (Blocks{0, 93, 0})) << "6000 tokens are 93.75 blocks";
  EXPECT_EQ(f.match({{1, 6000}, {2, 1100}}).blocks, (Blocks{0, 110, 0})) << "it ends elsewhere";
  EXPECT_EQ(f.match({{4, 7200}}).blocks, (Blocks{0, 0, 0}));
}

TEST(PrefixLru, WhatIsSentLeastRecentlyIsForgottenItsFirstBlocksFirst) {
  Fixture f(10);
  f.send({{1, 8 * kBlock}}, 0);
  f.send({{2, 4 * kBlock}}, 0);
  EXPECT_EQ(f.match({{1, 8 * kBlock}}).blocks[0], 0) << "the first two are gone, and nobody has them";
  f.send({{1, 2 * kBlock}}, 1);
  EXPECT_EQ(f.match({{1, 8 * kBlock}}).blocks, (Blocks{6, 2, 0}))
      << "who lacks the first ones counts the rest";
  EXPECT_EQ(f.index.blocks(0), 10);
}

TEST(PrefixLru, AShorterPromptMakesOnlyItsOwnBlocksRecent) {
  Fixture f(10);
  f.send({{1, 6 * kBlock}}, 0);
  f.send({{2, 4 * kBlock}}, 0);
  f.send({{1, 3 * kBlock}}, 0);
  f.send({{3, 3 * kBlock}}, 0);
  EXPECT_EQ(f.match({{1, 6 * kBlock}}).blocks[0], 3);
  EXPECT_EQ(f.match({{2, 4 * kBlock}}).blocks[0], 4);
}

TEST(PrefixLru, TheScorerOf2025LooksAtWholeBlocksUpToALimitAndCountsTheModel) {
  Fixture f(1000, {.block_tokens = 16, .max_blocks = 256, .partial_block = false, .model_block = true});
  f.send({{1, 7200}}, 2);
  EXPECT_EQ(f.match({{1, 7200}}).total, 257);
  EXPECT_EQ(f.match({{1, 7200}}).blocks, (Blocks{0, 0, 257}));
  EXPECT_EQ(f.match({{2, 24}}).blocks, (Blocks{0, 0, 1})) << "the model";
  EXPECT_EQ(f.match({{2, 24}}).total, 2);
}

// One list of block hashes a replica, as llm-d keeps it.
class ListOfBlocks {
 public:
  using Key = std::vector<std::pair<ContentId, std::int32_t>>;  // contents and ends, up to the block's end
  explicit ListOfBlocks(std::size_t capacity) : capacity_(capacity) {}

  static std::vector<Key> keys(std::span<const ContentRun> runs) {
    std::vector<Key> keys;
    Key key;
    std::int32_t start = 0, next = 1;
    for (const ContentRun& run : runs) {
      const std::int32_t end = start + run.tokens;
      for (; next * kBlock <= end; ++next) {
        keys.push_back(key);
        keys.back().emplace_back(run.content, next * kBlock);
      }
      key.emplace_back(run.content, end);
      start = end;
    }
    if (start % kBlock != 0) {
      keys.push_back(key);
      keys.back().emplace_back(0, 0);
    }
    return keys;
  }
  bool has(const Key& key) const { return at_.contains(key); }
  void add(const Key& key) {
    if (const auto known = at_.find(key); known != at_.end()) list_.erase(known->second);
    at_[key] = list_.insert(list_.end(), key);
    if (list_.size() > capacity_) {
      at_.erase(list_.front());
      list_.pop_front();
    }
  }

 private:
  std::size_t capacity_;
  std::list<Key> list_;
  std::map<Key, std::list<Key>::iterator> at_;
};

TEST(PrefixLruProperty, IsAListOfBlocksAReplica) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    const std::size_t capacity = 5 + rng() % 60;
    Fixture f(static_cast<std::int64_t>(capacity));
    std::vector<ListOfBlocks> lists(3, ListOfBlocks(capacity));
    for (int i = 0; i < 300; ++i) {
      std::vector<ContentRun> prompt;
      for (std::uint64_t n = 1 + rng() % 3; n > 0; --n) {
        prompt.push_back({1 + rng() % 4, static_cast<std::int32_t>(1 + rng() % 400)});
      }
      const auto keys = ListOfBlocks::keys(prompt);
      Blocks expected(3, 0);
      for (const auto& key : keys) {
        if (std::ranges::none_of(lists, [&](const ListOfBlocks& list) { return list.has(key); })) break;
        for (std::size_t r = 0; r < 3; ++r) expected[r] += lists[r].has(key) ? 1 : 0;
      }
      const PrefixMatches found = f.match(prompt);
      ASSERT_EQ(found.total, std::ssize(keys));
      ASSERT_EQ(found.blocks, expected) << i;
      const std::size_t replica = rng() % 3;
      f.send(prompt, replica);
      for (const auto& key : keys) lists[replica].add(key);
    }
  }
}

}  // namespace
}  // namespace blis
