#include "sim/kv/cache.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "sim/kv/block_probe.h"

namespace blis {
namespace {

KvConfig config_of(int blocks, int block_size = 16) {
  KvConfig config;
  config.num_blocks = blocks + 1;
  config.block_size = block_size;
  return config;
}

// A request as far as the cache is concerned.
struct Talker {
  KvCache& kv;
  SequenceIndex sequence;
  int prompt;

  Talker(KvCache& cache, const std::vector<ContentRun>& runs, ContentId output = kPrivateContent)
      : kv(cache), prompt(0) {
    for (const ContentRun& run : runs) prompt += run.tokens;
    sequence = kv.open(runs, prompt, output, 0);
  }
  int lookup() { return kv.lookup(sequence, prompt); }
  bool admit(int tokens) {
    return kv.admit(sequence, {.known_tokens = prompt, .new_tokens = tokens, .reserve_full = true});
  }
  bool admit_all() { return admit(prompt - lookup()); }
  void leave() {
    kv.release(sequence);
    kv.close(sequence);
  }
};

struct BoundaryCase {
  int tokens, blocks;
};
class KvBoundary : public testing::TestWithParam<BoundaryCase> {};

TEST_P(KvBoundary, ABlockIsTakenForEverySixteenTokensBegun) {
  KvCache kv(config_of(100));
  Talker a(kv, {{1, GetParam().tokens}});
  ASSERT_TRUE(a.admit_all());
  EXPECT_EQ(kv.usable_blocks() - kv.free_blocks(), GetParam().blocks);
}
INSTANTIATE_TEST_SUITE_P(Table, KvBoundary,
                         testing::Values(BoundaryCase{1, 1}, BoundaryCase{15, 1}, BoundaryCase{16, 1},
                                         BoundaryCase{17, 2}, BoundaryCase{32, 2}, BoundaryCase{33, 3}));

struct HitCase {
  int prompt, hit;
};
class KvHit : public testing::TestWithParam<HitCase> {};

TEST_P(KvHit, AnEqualPromptFindsWholeBlocksAndNeverItsLastToken) {
  KvCache kv(config_of(100));
  Talker a(kv, {{1, GetParam().prompt}});
  ASSERT_TRUE(a.admit_all());
  Talker b(kv, {{1, GetParam().prompt}});
  EXPECT_EQ(b.lookup(), GetParam().hit);
}
INSTANTIATE_TEST_SUITE_P(Table, KvHit,
                         testing::Values(HitCase{1, 0}, HitCase{16, 0}, HitCase{17, 16}, HitCase{32, 16},
                                         HitCase{33, 32}, HitCase{100, 96}));

TEST(KvCache, APrefixEndsWhereRunsDiffer) {
  KvCache kv(config_of(100));
  Talker a(kv, {{1, 40}, {2, 60}});
  ASSERT_TRUE(a.admit_all());
  EXPECT_EQ(Talker(kv, {{1, 40}, {3, 60}}).lookup(), 32) << "the block of tokens 32 to 47 is half of run 2";
  EXPECT_EQ(Talker(kv, {{1, 40}, {2, 61}}).lookup(), 96);
  EXPECT_EQ(Talker(kv, {{1, 39}, {2, 61}}).lookup(), 32) << "run 2 begins a token earlier";
  EXPECT_EQ(Talker(kv, {{1, 100}}).lookup(), 32);
  EXPECT_EQ(Talker(kv, {{2, 100}}).lookup(), 0);
}

TEST(KvCache, ASaltSetsEqualPromptsApart) {
  KvCache kv(config_of(100));
  Talker a(kv, {{1, 64}});
  ASSERT_TRUE(a.admit_all());
  const std::vector<ContentRun> prompt{{1, 64}};
  EXPECT_EQ(kv.lookup(kv.open(prompt, 64, kPrivateContent, 7), 64), 0);
}

TEST(KvCache, PrivateContentIsFoundByItsOwnRequestAfterAPreemptionAndByNobodyElse) {
  KvCache kv(config_of(100));
  Talker a(kv, {{kPrivateContent, 64}});
  ASSERT_TRUE(a.admit_all());
  EXPECT_EQ(Talker(kv, {{kPrivateContent, 64}}).lookup(), 0);
  kv.release(a.sequence);
  EXPECT_EQ(a.lookup(), 48);
}

TEST(KvCache, HitBlocksThatNobodyHoldsCountAsTaken) {
  KvCache kv(config_of(6));
  Talker a(kv, {{1, 64}});
  ASSERT_TRUE(a.admit_all());
  a.leave();
  EXPECT_EQ(kv.free_blocks(), 6);
  Talker b(kv, {{1, 112}});  // 7 blocks, 4 of them cached and free: all 6 would not do
  EXPECT_EQ(b.lookup(), 64);
  EXPECT_FALSE(b.admit(48));
  EXPECT_EQ(kv.free_blocks(), 6) << "a refusal changes nothing";
  Talker c(kv, {{1, 96}});
  EXPECT_EQ(c.lookup(), 64);
  EXPECT_TRUE(c.admit(32));
  EXPECT_EQ(kv.free_blocks(), 0);
}

TEST(KvCache, TheTailOfAFreedPromptIsEvictedBeforeItsFront) {
  KvCache kv(config_of(8));
  Talker a(kv, {{1, 128}});
  ASSERT_TRUE(a.admit_all());
  a.leave();
  Talker b(kv, {{2, 80}});
  ASSERT_TRUE(b.admit_all());
  EXPECT_EQ(kv.evicted_blocks(), 5);
  EXPECT_EQ(Talker(kv, {{1, 128}}).lookup(), 48);
}

TEST(KvCache, OfTwoCopiesTheOlderIsFoundAndItsEvictionLeavesTheOther) {
  KvConfig config = config_of(6);
  KvCache kv(config, true);
  const CacheProbe probe(kv);
  Talker a(kv, {{1, 32}});
  Talker b(kv, {{1, 32}});
  ASSERT_TRUE(a.admit_all());
  // A fully cached, aligned prompt recomputes its last block: a second copy.
  ASSERT_EQ(b.lookup(), 16);
  ASSERT_TRUE(b.admit(16));
  EXPECT_EQ(probe.blocks(b.sequence)[0], probe.blocks(a.sequence)[0]);
  EXPECT_NE(probe.blocks(b.sequence)[1], probe.blocks(a.sequence)[1]);
  EXPECT_EQ(probe.pool().distinct_hashes(), 2);
  Talker c(kv, {{1, 33}});
  c.lookup();
  EXPECT_EQ(probe.hit_blocks(), probe.blocks(a.sequence));
  a.leave();
  Talker d(kv, {{3, 64}});  // takes the three blank blocks and the older copy
  ASSERT_TRUE(d.admit_all());
  Talker e(kv, {{1, 33}});
  EXPECT_EQ(e.lookup(), 32);
  EXPECT_EQ(probe.hit_blocks(), probe.blocks(b.sequence));
}

TEST(KvCache, BlocksBehindAnAttentionWindowAreFreed) {
  KvConfig config = config_of(20, 4);
  config.groups = attention_groups({8});
  KvCache kv(config);
  Talker a(kv, {{kPrivateContent, 40}});
  ASSERT_TRUE(kv.admit(a.sequence, {.known_tokens = 40, .new_tokens = 20}));
  EXPECT_EQ(kv.free_blocks(), 15);
  ASSERT_TRUE(kv.grow(a.sequence, {.computed = 20, .new_tokens = 20, .known_tokens = 40}));
  EXPECT_EQ(kv.free_blocks(), 20 - 10 + 3) << "tokens before 13 are out of sight: three blocks";
}

TEST(KvCacheProperty, AllBlocksComeBackWhateverHappens) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    const auto below = [&rng](int n) { return static_cast<int>(rng() % static_cast<std::uint64_t>(n)); };
    KvConfig config = config_of(10 + below(60), 1 + below(8));
    config.enable_prefix_caching = below(4) != 0;
    config.blank_to_head = below(2) == 0;
    if (below(3) == 0) config.groups = attention_groups({0, 1 + below(20)});
    const bool track_ids = below(2) == 0;
    KvCache kv(config, track_ids);
    struct Live {
      SequenceIndex sequence;
      int prompt, computed;
      bool admitted;
    };
    std::vector<Live> live;
    for (int i = 0; i < 150; ++i) {
      const int what = below(4);
      if (what == 0 || live.empty()) {
        const int shared = below(60), own = 1 + below(30);
        const std::vector<ContentRun> runs{{static_cast<ContentId>(1 + below(3)), shared + 1},
                                           {static_cast<ContentId>(100 + i), own}};
        const int prompt = shared + 1 + own;
        live.push_back({kv.open(runs, prompt, kPrivateContent, 0), prompt, 0, false});
      } else {
        const std::size_t at = static_cast<std::size_t>(below(static_cast<int>(live.size())));
        Live& r = live[at];
        if (!r.admitted && what != 3) {
          const int hit = kv.lookup(r.sequence, r.prompt);
          const int tokens = 1 + below(r.prompt - hit);
          r.admitted = kv.admit(r.sequence, {.known_tokens = r.prompt, .new_tokens = tokens});
          if (r.admitted) r.computed = hit + tokens;
        } else if (what == 1) {
          const int tokens = 1 + below(5);
          const int known = std::max(r.prompt, r.computed + tokens);
          if (kv.grow(r.sequence, {.computed = r.computed, .new_tokens = tokens, .known_tokens = known})) {
            r.computed += tokens;
          }
        } else {
          kv.release(r.sequence);
          r.admitted = false;
          if (what == 3) {
            kv.close(r.sequence);
            live.erase(live.begin() + static_cast<std::ptrdiff_t>(at));
          }
        }
      }
      int held = 0;
      for (const Live& r : live) held += kv.held_blocks(r.sequence);
      ASSERT_GE(kv.free_blocks(), 0);
      ASSERT_LE(kv.free_blocks(), kv.usable_blocks());
      ASSERT_GE(held + kv.free_blocks(), kv.usable_blocks()) << "shared blocks are held more than once";
    }
    for (const Live& r : live) {
      kv.release(r.sequence);
      kv.close(r.sequence);
    }
    EXPECT_EQ(kv.free_blocks(), kv.usable_blocks());
    if (track_ids) {
      std::vector<BlockId> order = CacheProbe(kv).pool().free_order();
      std::ranges::sort(order);
      for (BlockId id = 1; id <= kv.usable_blocks(); ++id)
        EXPECT_EQ(order[static_cast<std::size_t>(id - 1)], id);
    }
    EXPECT_TRUE(kv.reset());
  }
}

// What a full and a windowed group hold goes back one group after the other; or, where steps in flight held
// it up, as one row, tail first: the last group's blocks before the first's.
TEST(KvGroups, BlocksThatWereSetAsideAreFreedAsOneRow) {
  for (const bool as_one : {false, true}) {
    SCOPED_TRACE(as_one);
    KvConfig config = config_of(8);
    config.groups = attention_groups({0, 100});
    config.max_model_len = 256;
    config.retention_interval = std::nullopt;  // all blocks are findable, and go to the tail
    KvCache kv(config, /*track_ids=*/true);
    Talker a(kv, {{1, 48}});
    ASSERT_TRUE(a.admit_all());
    kv.publish(a.sequence, 48);
    std::vector<BlockId> full = CacheProbe(kv).blocks(a.sequence, 0),
                         window = CacheProbe(kv).blocks(a.sequence, 1);
    ASSERT_EQ(full.size(), 3u);
    ASSERT_EQ(window.size(), 3u);
    if (as_one) {
      const SequenceIndex aside = kv.set_aside(a.sequence);
      kv.release_as_one(aside);
      kv.close(aside);
    } else {
      kv.release(a.sequence);
    }
    const std::vector<BlockId> order = CacheProbe(kv).pool().free_order();
    const std::vector<BlockId> last(order.end() - 6, order.end());
    std::vector<BlockId> expected;
    for (const std::vector<BlockId>& group : as_one ? std::array{window, full} : std::array{full, window}) {
      expected.insert(expected.end(), group.rbegin(), group.rend());
    }
    EXPECT_EQ(last, expected);
    kv.close(a.sequence);
  }
}

// Windows with blocks of 32 tokens beside full attention with blocks of 16, and the other way round: a hit is
// whole blocks of both.
TEST(KvCache, FindsWholeBlocksOfAllGroupsWhereTheirSizesDiffer) {
  struct Case {
    int full, window, cached, asked, hit;
  };
  constexpr Case kCases[] = {
      {16, 32, 80, 81, 64},   // 64 are two blocks of the window; 80 are two and a half
      {16, 32, 80, 64, 32},   // never the last token
      {16, 32, 80, 300, 64},  // no more than was cached
      {32, 16, 80, 81, 64},   {32, 16, 31, 300, 0},   {16, 16, 80, 81, 80},
      {48, 16, 100, 101, 96}, {48, 32, 100, 101, 96},  // multiples of 96
      {48, 32, 95, 101, 0},
  };
  for (const Case& c : kCases) {
    KvConfig config = config_of(100);
    config.groups = {{.block_size = c.full}, {.kind = KvKind::window, .reach = 20, .block_size = c.window}};
    KvCache kv(config);
    Talker first(kv, {{1, c.cached}, {2, 7}});
    ASSERT_TRUE(first.admit_all());
    first.leave();
    Talker second(kv, {{1, c.cached}, {3, 500}});
    EXPECT_EQ(kv.lookup(second.sequence, c.asked), c.hit) << c.full << " " << c.window << " " << c.asked;
    ASSERT_TRUE(kv.admit(second.sequence, {.known_tokens = c.asked, .new_tokens = c.asked - c.hit}));
    EXPECT_EQ(kv.held_blocks(second.sequence), (c.asked + c.full - 1) / c.full +
                                                   (c.asked + c.window - 1) / c.window -
                                                   std::max(0, c.hit - 19) / c.window);
    second.leave();
    EXPECT_EQ(kv.free_blocks(), kv.usable_blocks());
  }
}

}  // namespace
}  // namespace blis
