// Sums over the members of the cruise against the members themselves, one by one.
#include "sim/vllm/cut_contexts.h"

#include <gtest/gtest.h>

#include <random>

namespace blis {
namespace {

TEST(CutContexts, AreTheSumOfContextsWithinTheWindow) {
  for (const std::uint32_t seed : {1u, 2u, 3u, 4u}) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t n) { return static_cast<std::int32_t>(random() % n); };
    const std::int32_t window = 1 + below(40);
    CutContexts cut(window);
    std::vector<std::int32_t> contexts;
    for (StepIndex now = 0; now < 400; ++now) {
      if (below(4) == 0) {
        contexts.push_back(below(80));
        cut.join(contexts.back(), now);
      }
      if (!contexts.empty() && below(6) == 0) {
        const auto who = contexts.begin() + below(static_cast<std::uint32_t>(contexts.size()));
        cut.leave(*who, now);
        contexts.erase(who);
      }
      std::int64_t sum = 0;
      for (const std::int32_t context : contexts) sum += std::min(context, window);
      ASSERT_EQ(cut.sum(), sum) << "seed " << seed << ", window " << window << ", step " << now;
      cut.step(now);
      for (std::int32_t& context : contexts) ++context;
    }
    cut.clear();
    EXPECT_EQ(cut.sum(), 0);
  }
}

}  // namespace
}  // namespace blis
