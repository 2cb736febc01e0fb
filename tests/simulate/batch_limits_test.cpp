#include "tools/simulate/batch_limits.h"

#include <gtest/gtest.h>

namespace blis {
namespace {

SchedulerConfig limits() {
  SchedulerConfig config;
  config.max_num_seqs = 8;
  config.max_num_batched_tokens = 100;
  config.max_model_len = 1000;
  config.num_blocks = 101;
  config.enable_prefix_caching = false;
  return config;
}
const SchedulerConfig kConfig = limits();

BatchPart prefill(std::int64_t tokens, std::int64_t context) {
  return {"--prefill", /*prefill=*/true, 1, tokens, context};
}
BatchPart decode(std::int64_t sequences, std::int64_t context, std::int64_t tokens = 1) {
  return {"--decode", /*prefill=*/false, sequences, tokens, context};
}

std::string reasons(const std::vector<BatchPart>& batch, const SchedulerConfig& config = kConfig) {
  std::string text;
  for (const std::string& sentence : beyond_limits(batch, config)) {
    text += (text.empty() ? "" : "|") + sentence.substr(sentence.find(": ") + 2);
  }
  return text;
}

TEST(BatchLimits, ABatchAtEveryLimitIsFine) {
  EXPECT_EQ(reasons({prefill(93, 907), decode(6, 63), decode(1, 191)}), "");
  EXPECT_EQ(reasons({decode(1, 999)}), "");
  SchedulerConfig roomy = kConfig;
  roomy.max_model_len = 2000;
  EXPECT_EQ(reasons({decode(1, 1599)}, roomy), "");
}

TEST(BatchLimits, EachLimitIsNamedWithItsArithmetic) {
  EXPECT_EQ(reasons({prefill(1, 0), decode(8, 1)}),
            "1 prefill + 8 decode = 9 sequences, more than max_num_seqs 8");
  EXPECT_EQ(reasons({prefill(94, 0), decode(7, 1)}),
            "94 prefill + 7 decode = 101 tokens, more than max_num_batched_tokens 100");
  EXPECT_EQ(reasons({prefill(1, 1000)}),
            "--prefill: 1000 in the cache + 1 new = 1001 tokens, more than max_model_len 1000");
  EXPECT_EQ(reasons({decode(1, 1000)}),
            "--decode: 1000 in the cache + 1 new = 1001 tokens, more than max_model_len 1000");
  EXPECT_EQ(reasons({decode(2, 799), decode(1, 16)}),
            "102 KV blocks of 16 tokens, more than the 100 there are");
}

TEST(BatchLimits, EveryGroupHasBlocksOfItsOwnSize) {
  SchedulerConfig config = kConfig;
  config.block_size = 4;
  config.kv_groups = {{.block_size = 256}, {.kind = KvKind::window, .reach = 128, .block_size = 64}};
  EXPECT_EQ(reasons({decode(8, 999)}, config), "");
  config.num_blocks = 1 + 8 * (4 + 2);
  EXPECT_EQ(reasons({decode(8, 999)}, config), "");
  --config.num_blocks;
  EXPECT_EQ(reasons({decode(8, 999)}, config), "48 KV blocks, more than the 47 there are");
}

TEST(BatchLimits, DraftsCountAsTokensButNotAgainstTheContext) {
  EXPECT_EQ(reasons({decode(8, 10, 13)}),
            "0 prefill + 104 decode = 104 tokens, more than max_num_batched_tokens 100");
  EXPECT_EQ(reasons({decode(1, 999, 5)}), "");
}

TEST(BatchLimits, ALongPromptComesInChunksUpToTheThreshold) {
  SchedulerConfig config = kConfig;
  config.long_prefill_token_threshold = 50;
  EXPECT_EQ(reasons({prefill(50, 0), decode(1, 60)}, config), "");
  EXPECT_EQ(reasons({prefill(51, 0)}, config),
            "--prefill: 51 new tokens, more than long_prefill_token_threshold 50");
}

TEST(BatchLimits, AnAttentionWindowHoldsNoMoreBlocksThanItCovers) {
  SchedulerConfig config = kConfig;
  config.kv_groups = attention_groups({0, 32});
  EXPECT_EQ(reasons({decode(1, 800), decode(1, 700)}, config), "");
  EXPECT_NE(reasons({decode(2, 799)}, config).find("104 KV blocks"), std::string::npos);
}

TEST(BatchLimits, WhatPromptsMayShareIsSaid) {
  SchedulerConfig config = kConfig;
  config.enable_prefix_caching = true;
  EXPECT_NE(reasons({decode(8, 900)}, config).find("there are, unless its prompts begin alike"),
            std::string::npos);
}

TEST(BatchLimits, BlocksAreNotCountedWhereNobodyKnowsHowManyThereAre) {
  SchedulerConfig config = kConfig;
  config.num_blocks = 0;
  EXPECT_EQ(reasons({decode(8, 900)}, config), "");
}

}  // namespace
}  // namespace blis
