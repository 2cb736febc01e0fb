// AIPerf's sessions: later rows say what they add.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/workloads/read_requests.h"
#include "tests/workloads/temp_file.h"
#include "tests/workloads/toy_server.h"

namespace blis {
namespace {

TEST(SessionIncrements, ALaterTurnSendsAllThatWasSaidBeforeIt) {
  const ServedWorkload served = serve({.kind = TraceSpec{.path = fixture("aiperf_increments.jsonl")}});
  ASSERT_EQ(served.requests.size(), 4U);
  std::vector<std::int32_t> prompts;
  for (const auto& request : served.requests) prompts.push_back(request.spec.prompt_tokens);
  std::ranges::sort(prompts);
  EXPECT_EQ(prompts, (std::vector<std::int32_t>{1100, 1500, 1500 + 30 + 100, 1500 + 30 + 100 + 40 + 50}));
}

TEST(SessionIncrements, BeginWithTheTurnBeforeThemAndItsAnswer) {
  const ServedWorkload served = serve({.kind = TraceSpec{.path = fixture("aiperf_increments.jsonl")}});
  const auto of = [&](std::int32_t tokens) -> const auto& {
    return *std::ranges::find_if(served.requests,
                                 [&](const auto& r) { return r.spec.prompt_tokens == tokens; });
  };
  const auto &first = of(1500), &second = of(1630), &third = of(1720);
  EXPECT_EQ(equal_tokens(first.prompt, second.prompt), 1500);
  EXPECT_EQ(second.prompt[first.prompt.size()].content, first.spec.output_content);
  EXPECT_EQ(equal_tokens(second.prompt, third.prompt), 1630);
  EXPECT_EQ(equal_tokens(of(1100).prompt, first.prompt), 1024) << "other sessions share blocks by their ids";
}

TEST(SessionIncrements, WholePromptsAreToldApart) {
  const ReadWorkload whole =
      read_trace({.path = fixture("mooncake_sessions.jsonl"), .limit = 1, .closed_loop_sessions = false});
  EXPECT_TRUE(whole.warnings.empty());
  const TempFile shorter(
      R"({"session_id": 1, "timestamp": 0, "input_length": 600, "output_length": 20, "hash_ids": [5, 6]})"
      "\n"
      R"({"session_id": 1, "delay": 1, "input_length": 500, "output_length": 20, "hash_ids": [5]})"
      "\n");
  const ServedWorkload cut = serve({.kind = TraceSpec{.path = shorter.path(), .format = "mooncake"}});
  EXPECT_EQ(cut.requests.back().spec.prompt_tokens, 500)
      << "a prompt that was cut begins like the one before";
}

TEST(SessionIncrements, AreSaid) {
  const auto source = open_workload({.kind = TraceSpec{.path = fixture("aiperf_increments.jsonl")}});
  RequestSpec request;
  EXPECT_TRUE(source->next(request));
  ASSERT_FALSE(source->warnings().empty());
  EXPECT_NE(source->warnings()[0].find("what they add"), std::string::npos);
}

TEST(SessionIncrements, WithoutHashIdsReuseTheirSession) {
  const TempFile file(R"({"session_id": "a", "timestamp": 0, "input_length": 600, "output_length": 20})"
                      "\n"
                      R"({"session_id": "a", "delay": 1, "input_length": 50, "output_length": 20})"
                      "\n");
  const ServedWorkload served = serve({.kind = TraceSpec{.path = file.path()}});
  ASSERT_EQ(served.requests.size(), 2U);
  EXPECT_EQ(equal_tokens(served.requests[0].prompt, served.requests[1].prompt), 600);
}

}  // namespace
}  // namespace blis
