// Policies of one's own: a class, and for users a row.
#include "sim/vllm/scheduling_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/sim/vllm/desk.h"

namespace blis {
namespace {

// The shortest is admitted first, the first admitted goes first, and all share the budget alike.
class EqualShares final : public SchedulingPolicy {
 public:
  bool may_cruise() const override { return false; }
  bool has_ranks() const override { return true; }
  Rank rank(const KnownRequest& r) override { return {r.prompt_tokens}; }
  std::size_t victim(const RunningRequests&) override { return 0; }
  void share(std::span<Share> running, int budget) override {
    for (Share& s : running) s.tokens = std::min(s.wanted, budget / static_cast<int>(running.size()));
  }
};

TEST(SchedulingPolicy, DecidesWhoIsAdmittedFirst) {
  Desk desk(eight_sequences(), std::make_unique<EqualShares>());
  desk.arrive(30, 1);
  desk.arrive(10, 1);
  desk.arrive(20, 1);
  EXPECT_EQ(desk.step(), "b 10 new, c 20 new, a 30 new");
}

TEST(SchedulingPolicy, DecidesWhoGetsTheBudget) {
  Desk desk(eight_sequences(), std::make_unique<EqualShares>());
  desk.arrive(150, 1);
  EXPECT_EQ(desk.step(), "a 64 new");
  EXPECT_EQ(desk.step(), "a 64");
  desk.arrive(200, 1);
  EXPECT_EQ(desk.step(), "a 22, b 42 new") << "what the running leave is for admissions";
  desk.arrive(300, 1);
  EXPECT_EQ(desk.step(), "b 64");
  desk.abort('b');
  desk.arrive(310, 1);
  EXPECT_EQ(desk.step(), "c 64 new");
  EXPECT_EQ(desk.step(), "c 64");
}

// One that gives prompts no more than a half while somebody else runs.
class HalfForPrompts final : public SchedulingPolicy {
 public:
  bool may_cruise() const override { return false; }
  void share(std::span<Share> running, int budget) override {
    for (Share& s : running) s.tokens = std::min(s.wanted, running.size() > 1 ? budget / 2 : budget);
  }
};

TEST(SchedulingPolicy, MayLeaveBudgetToAdmissions) {
  Desk desk(eight_sequences(), std::make_unique<HalfForPrompts>());
  desk.arrive(10, 50);
  desk.arrive(200, 1);
  EXPECT_EQ(desk.step(), "a 10 new, b 54 new");
  desk.arrive(100, 1);
  EXPECT_EQ(desk.step(), "a 1, b 32, c 31 new");
}

TEST(SchedulingPolicy, DecidesWhoGoesWhenBlocksRunShort) {
  SchedulerConfig config = eight_sequences();
  config.num_blocks = 1 + 4;
  config.behaviour.reserve_full_isl = false;
  Desk desk(config, std::make_unique<EqualShares>());
  desk.arrive(20, 9);
  desk.arrive(31, 9);
  EXPECT_EQ(desk.step(), "a 20 new, b 31 new");
  EXPECT_EQ(desk.step(), "a 1, b 1");
  EXPECT_EQ(desk.step(), "b 1; a out")
      << "b needs a third block; first come, first served it would go itself";
}

// Who was preempted comes last.
class PreemptedLast final : public SchedulingPolicy {
 public:
  explicit PreemptedLast(bool may_cruise) : may_cruise_(may_cruise) {}
  bool may_cruise() const override { return may_cruise_; }
  bool has_ranks() const override { return true; }
  Rank rank(const KnownRequest& r) override { return {r.preemptions > 0 ? 100 : 0}; }

 private:
  bool may_cruise_;
};

TEST(SchedulingPolicy, RanksAreTakenAnewInEachStepUnlessItMayCruise) {
  for (const bool may_cruise : {true, false}) {
    SchedulerConfig config = eight_sequences();
    config.num_blocks = 1 + 4;
    config.behaviour.reserve_full_isl = false;
    Desk desk(config, std::make_unique<PreemptedLast>(may_cruise));
    desk.arrive(32, 3);
    desk.arrive(31, 3);
    EXPECT_EQ(desk.step(), "a 32 new, b 31 new");
    desk.arrive(40, 1);
    EXPECT_EQ(desk.step(), "a 1; b out");
    EXPECT_EQ(desk.step(), "a 1");
    EXPECT_EQ(desk.step(), may_cruise ? "b 16 again" : "c 40 new") << "half of b is cached still";
  }
}

// Whoever may cruise decides alike when nobody does.
TEST(SchedulingPolicyProperty, SharingByDefaultIsFirstComeFirstServed) {
  class Plodding final : public SchedulingPolicy {
   public:
    bool may_cruise() const override { return false; }
  };
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    const auto below = [&rng](int n) { return static_cast<int>(rng() % static_cast<std::uint64_t>(n)); };
    SchedulerConfig config = eight_sequences();
    config.num_blocks = 1 + 8 + below(40);
    config.max_model_len = 120;
    config.behaviour.reserve_full_isl = below(2) == 0;
    Desk ahead(config), plodding(config, std::make_unique<Plodding>());
    for (int step = 0; step < 100; ++step) {
      if (step < 26) {
        const int prompt = 1 + below(119), output = 1 + below(30);
        ahead.arrive(prompt, output);
        plodding.arrive(prompt, output);
      }
      ASSERT_EQ(ahead.step(), plodding.step()) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace blis
