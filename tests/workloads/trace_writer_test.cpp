#include "workloads/trace_writer.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/workloads/read_requests.h"
#include "tests/workloads/temp_file.h"

namespace blis {
namespace {

SyntheticSpec short_chat(std::int64_t n) {
  ClientSpec client;
  client.input_tokens = {.kind = Distribution::Kind::uniform, .min = 1, .max = 2000};
  client.output_tokens = {.kind = Distribution::Kind::uniform, .min = 1, .max = 300};
  client.prefix = PrefixSpec{.groups = 2, .tokens = {.kind = Distribution::Kind::constant, .value = 1100}};
  return {.num_requests = n, .arrival = ArrivalSpec{.request_rate = 7}, .clients = {client}};
}

std::string written(const WorkloadSpec& spec, const std::string& format) {
  std::ostringstream out;
  write_trace(*open_workload(spec), format, out);
  return out.str();
}

TEST(TraceWriter, WhatIsWrittenReadsBack) {
  const ReadWorkload original = read_workload({.kind = short_chat(300)});
  for (const TraceWriterFormat& format : trace_writers()) {
    SCOPED_TRACE(format.name);
    const TempFile file(written({.kind = short_chat(300)}, std::string(format.name)));
    const ReadWorkload read = read_trace({.path = file.path()});
    ASSERT_EQ(read.requests.size(), 300U);
    const double offset = arrival_ms(original.requests[0]);  // a replay starts at its first row
    for (std::size_t i = 0; i < 300; ++i) {
      EXPECT_EQ(read.requests[i].spec.prompt_tokens, original.requests[i].spec.prompt_tokens);
      EXPECT_EQ(read.requests[i].spec.output_tokens, original.requests[i].spec.output_tokens);
      EXPECT_NEAR(arrival_ms(read.requests[i]), arrival_ms(original.requests[i]) - offset, 1.0);
    }
  }
}

TEST(TraceWriter, SharedPrefixesSurviveAsHashIdsOfWholeBlocks) {
  const TempFile file(written({.kind = short_chat(40)}, "mooncake"));
  const ReadWorkload original = read_workload({.kind = short_chat(40)});
  const ReadWorkload read = read_trace({.path = file.path()});
  for (std::size_t i = 0; i < 40; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool same_group = original.requests[i].prompt[0] == original.requests[j].prompt[0];
      EXPECT_EQ(equal_tokens(read.requests[i].prompt, read.requests[j].prompt), same_group ? 1024 : 0)
          << "1100 shared tokens are two blocks of 512";
    }
  }
}

TEST(TraceWriter, WritingSaysWhenPrefixesAreLost) {
  std::ostringstream out;
  EXPECT_TRUE(write_trace(*open_workload({.kind = short_chat(3)}), "azure", out).lost_prefixes);
  EXPECT_FALSE(write_trace(*open_workload({.kind = short_chat(3)}), "mooncake", out).lost_prefixes);
}

TEST(TraceWriter, TheMooncakeTraceComesBackByteForByte) {
  const std::string path = shared_trace("mooncake_conversation.jsonl");
  if (path.empty()) GTEST_SKIP() << "no shared traces";
  EXPECT_TRUE(written({.kind = TraceSpec{.path = path}}, "mooncake") == read_file(path));
}

TEST(TraceWriter, WhatWouldBeSentTooLateForAnyReplayIsNotWritten) {
  const std::string header = "arrival_s,input_tokens,output_tokens\n0,100,10\n";
  const TempFile late(header + "2305843009,100,10\n"), later(header + "2305843010,100,10\n");
  for (const TraceWriterFormat& format : trace_writers()) {
    SCOPED_TRACE(format.name);
    const TempFile file(written({.kind = TraceSpec{.path = late.path()}}, std::string(format.name)));
    EXPECT_NEAR(arrival_ms(read_trace({.path = file.path()}).requests.at(1)), 2305843009e3, 1);
    try {
      written({.kind = TraceSpec{.path = later.path()}}, std::string(format.name));
      FAIL() << "written";
    } catch (const InputError& error) {
      EXPECT_EQ(error.problems().front().message, "request 1 would be sent after more than 73 years");
    }
  }
}

TEST(TraceWriter, AnUnknownFormatListsTheKnownOnes) {
  try {
    written({.kind = short_chat(1)}, "azur");
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_EQ(error.problems().front().expected, "one of azure, mooncake, timed, csv");
    EXPECT_EQ(error.problems().front().hint, "did you mean `azure`?");
  }
}

}  // namespace
}  // namespace blis
