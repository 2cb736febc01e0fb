// Runs of blocks say what the blocks say.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/workloads/read_requests.h"
#include "tests/workloads/temp_file.h"

namespace blis {
namespace {

using Ids = std::vector<std::int64_t>;

std::size_t equal_blocks(const Ids& a, const Ids& b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

// Prompts that go on from others; new blocks get the next number, or any that is free.
std::vector<Ids> random_prompts(std::mt19937_64& rng, bool in_order) {
  std::vector<Ids> prompts;
  std::int64_t next = static_cast<std::int64_t>(rng() % 5);
  for (int i = 0; i < 40; ++i) {
    Ids prompt;
    if (i > 0 && rng() % 4 != 0) {
      prompt = prompts[rng() % prompts.size()];
      prompt.resize(rng() % (prompt.size() + 1));
    }
    for (std::uint64_t n = rng() % 6 + (prompt.empty() ? 1 : 0); n > 0; --n) {
      next += in_order ? 1 : 1 + static_cast<std::int64_t>(rng() % 2);
      prompt.push_back(next);
    }
    prompts.push_back(prompt);
  }
  return prompts;
}

TEST(HashedTraceProperty, PromptsShareAsManyTokensByRunsAsByBlocks) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    const std::vector<Ids> prompts = random_prompts(rng, seed % 2 == 0);
    std::string text;
    for (const Ids& prompt : prompts) {
      text += "{\"timestamp\": 0, \"input_length\": " + std::to_string(16 * prompt.size()) +
              ", \"output_length\": 1, \"hash_ids\": [";
      for (std::size_t i = 0; i < prompt.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(prompt[i]);
      text += "]}\n";
    }
    const TempFile file(text);
    const ReadWorkload read = read_trace({.path = file.path(), .format = "timed"});
    ASSERT_EQ(read.requests.size(), prompts.size());
    for (std::size_t a = 0; a < prompts.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        ASSERT_EQ(equal_tokens(read.requests[a].prompt, read.requests[b].prompt),
                  16 * equal_blocks(prompts[a], prompts[b]))
            << a << " and " << b;
      }
    }
  }
}

}  // namespace
}  // namespace blis
