#include <gtest/gtest.h>

#include <set>

#include "tests/workloads/read_requests.h"
#include "tests/workloads/temp_file.h"

namespace blis {
namespace {

std::string error_in_mooncake_row(const std::string& row) {
  const TempFile file("{\"timestamp\": 0, \"input_length\": 3, \"output_length\": 1, \"hash_ids\": [0]}\n" +
                      row + "\n");
  const std::string error = trace_error({.path = file.path()});
  return error.empty() ? error : error.substr(file.path().size());
}

TEST(MooncakeTrace, HashIdsBecomeRunsOf512TokensWithAPartialLast) {
  const ReadWorkload read = read_trace({.path = fixture("mooncake.jsonl")});
  ASSERT_EQ(read.requests.size(), 6U);
  const ReadRequest& first = read.requests[0];
  const ReadRequest& second = read.requests[1];
  EXPECT_EQ(first.spec.prompt_tokens, 1300);
  EXPECT_EQ(first.spec.output_tokens, 52);
  ASSERT_EQ(first.prompt.size(), 1U) << "0, 1, 2: ids that count up are one stream";
  EXPECT_EQ(first.prompt[0].tokens, 1300);
  ASSERT_EQ(second.prompt.size(), 2U);
  EXPECT_EQ(second.prompt[0].content, first.prompt[0].content) << "id 0 is shared";
  EXPECT_EQ(second.prompt[0].tokens, 1024);
  EXPECT_NE(second.prompt[1].content, first.prompt[0].content);
  EXPECT_NE(first.prompt[0].content, kPrivateContent) << "id 0 is an id like any other";
  EXPECT_EQ(first.spec.output_content, kPrivateContent);
  EXPECT_EQ(arrival_ms(read.requests[2]), 27);
}

TEST(MooncakeTrace, HashIdsThatContradictTheLengthAreRefused) {
  EXPECT_EQ(
      error_in_mooncake_row(R"({"timestamp": 1, "input_length": 513, "output_length": 1, "hash_ids": [1]})"),
      ":2:59: `hash_ids` and `input_length` contradict each other\n"
      "  expected: 2 ids for 513 tokens, one for each 512 or part of them\n"
      "  got:      1 ids");
  EXPECT_NE(error_in_mooncake_row(
                R"({"timestamp": 1, "input_length": 512, "output_length": 1, "hash_ids": [1, 2]})"),
            "");
  EXPECT_EQ(
      error_in_mooncake_row(R"({"timestamp": 1, "input_length": 512, "output_length": 1, "hash_ids": [1]})"),
      "");
}

TEST(MooncakeTrace, ErrorsSayWhereAndWhat) {
  EXPECT_EQ(
      error_in_mooncake_row(R"({"timestamp": -1, "input_length": 3, "output_length": 1, "hash_ids": [0]})"),
      ":2:2: bad `timestamp`\n  expected: a number, at least 0\n  got:      `-1`");
  EXPECT_EQ(error_in_mooncake_row(
                R"({"timestamp": 1, "input_length": 1000000000, "output_length": 1, "hash_ids": [0]})")
                .find(":2:18: bad `input_length`"),
            0U);
  EXPECT_EQ(error_in_mooncake_row(R"({"timestamp": 1, "output_length": 1, "hash_ids": [0]})")
                .find(":2: there is no `input_length`"),
            0U);
  EXPECT_EQ(
      error_in_mooncake_row(R"({"timestamp": 1, "input_length": "3", "output_length": 1, "hash_ids": [0]})")
          .find(":2:18: bad `input_length`"),
      0U);
  EXPECT_EQ(
      error_in_mooncake_row(R"({"timestamp": 1, "input_length": 3, "output_length": 1, "hash_ids": ["x"]})")
          .find(":2:57: bad id in `hash_ids`"),
      0U);
  EXPECT_EQ(error_in_mooncake_row(
                R"({"timestamp": 1, "timestamp": 1, "input_length": 3, "output_length": 1, "hash_ids": [0]})")
                .find(":2:2: `timestamp` appears twice"),
            0U);
  EXPECT_EQ(error_in_mooncake_row(R"([1, 2])").find(":2:1: this line is not a JSON object"), 0U);
}

TEST(MooncakeTrace, BrokenJsonIsRefusedWhereItBreaks) {
  EXPECT_EQ(
      error_in_mooncake_row(R"({"timestamp": 1, "input_length" 3})").find(":2:33: this line is not JSON"),
      0U);
  EXPECT_EQ(error_in_mooncake_row(R"({"timestamp": 1)").find(":2:16: this line is not JSON"), 0U);
  EXPECT_NE(
      error_in_mooncake_row(R"({"timestamp": NaN, "input_length": 3, "output_length": 1, "hash_ids": [0]})"),
      "");
}

TEST(MooncakeTrace, TheConversationTraceHasItsKnownStatistics) {
  const std::string path = shared_trace("mooncake_conversation.jsonl");
  if (path.empty()) GTEST_SKIP() << "no shared traces";
  const ReadWorkload read = read_trace({.path = path});
  ASSERT_EQ(read.requests.size(), 12'031U);
  double input = 0;
  double output = 0;
  std::int64_t blocks = 0;
  std::int64_t hits = 0;
  std::set<ContentId> seen;
  for (const ReadRequest& request : read.requests) {
    input += request.spec.prompt_tokens;
    output += request.spec.output_tokens;
    std::vector<ContentId> ids;  // of blocks: those of a run count up
    for (const ContentRun& run : request.prompt) {
      for (std::int32_t at = 0; at < run.tokens; at += 512) {
        ids.push_back(run.content + static_cast<ContentId>(at / 512));
      }
    }
    blocks += std::ssize(ids);
    bool hit = true;
    for (const ContentId id : ids) {
      hit = hit && seen.count(id) > 0;
      hits += hit ? 1 : 0;
    }
    seen.insert(ids.begin(), ids.end());
  }
  EXPECT_NEAR(input / 12'031, 12'035, 0.5);
  EXPECT_NEAR(output / 12'031, 343, 0.5);
  EXPECT_NEAR(static_cast<double>(hits) / static_cast<double>(blocks), 0.366, 0.0005);
  ASSERT_EQ(read.warnings.size(), 1U);
  EXPECT_NE(read.warnings.front().find("90 % of the rows"), std::string::npos);
  EXPECT_NE(read.warnings.front().find("`dither_ms: 3000`"), std::string::npos);
}

}  // namespace
}  // namespace blis
