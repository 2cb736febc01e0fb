// The options that every trace format has, on a format small enough to write by hand.
#include "workloads/trace_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <utility>

#include "tests/workloads/read_requests.h"
#include "tests/workloads/temp_file.h"
#include "workloads/trace_formats.h"

namespace blis {
namespace {

constexpr const char* kSourceHeader = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

// An Azure trace with a row at each of these seconds after noon, the n-th with n prompt tokens.
std::string trace_at(std::initializer_list<double> seconds) {
  std::string text = kSourceHeader;
  int n = 0;
  for (const double s : seconds) {
    char row[64];
    std::snprintf(row, sizeof row, "2023-11-16 12:00:%09.6f,%d,10\n", s, ++n);
    text += row;
  }
  return text;
}

std::vector<double> arrivals(const ReadWorkload& read) {
  std::vector<double> ms;
  for (const ReadRequest& request : read.requests) ms.push_back(arrival_ms(request));
  return ms;
}

std::vector<int> order(const ReadWorkload& read) {
  std::vector<int> prompts;
  for (const ReadRequest& request : read.requests) prompts.push_back(request.spec.prompt_tokens);
  return prompts;
}

TEST(TraceSource, TimeZeroIsTheFirstRow) {
  const TempFile file(trace_at({3.5, 4, 6}));
  EXPECT_EQ(arrivals(read_trace({.path = file.path()})), (std::vector<double>{0, 500, 2500}));
}

TEST(TraceSource, TimeScaleTwoReplaysTwiceAsFast) {
  const TempFile file(trace_at({1, 2, 4}));
  EXPECT_EQ(arrivals(read_trace({.path = file.path(), .time_scale = 2})),
            (std::vector<double>{0, 500, 1500}));
}

TEST(TraceSource, LimitCountsRequests) {
  const TempFile file(trace_at({1, 2, 3}));
  EXPECT_EQ(order(read_trace({.path = file.path(), .limit = 2})), (std::vector<int>{1, 2}));
  EXPECT_EQ(order(read_trace({.path = file.path(), .limit = 9})).size(), 3U);
}

TEST(TraceSource, ASliceStartsAtItsOwnFirstRow) {
  const TempFile file(trace_at({10, 11, 12, 13, 14}));
  const ReadWorkload slice = read_trace({.path = file.path(), .start_s = 1, .end_s = 3});
  EXPECT_EQ(order(slice), (std::vector<int>{2, 3}));
  EXPECT_EQ(arrivals(slice), (std::vector<double>{0, 1000}));
}

TEST(TraceSource, ARowThatGoesBackInTimeIsAnErrorWithItsPlace) {
  const TempFile file(trace_at({3, 5, 4}));
  const std::string error = trace_error({.path = file.path()});
  EXPECT_EQ(error.substr(0, error.find('\n')),
            file.path() + ":4:1: time goes back: this row is 1000 ms before the one above it");
  EXPECT_NE(error.find("sort"), std::string::npos);
}

TEST(TraceSource, SortPutsRowsInOrderAndKeepsTies) {
  const TempFile file(trace_at({3, 5, 4, 3}));
  EXPECT_EQ(order(read_trace({.path = file.path(), .sort = true})), (std::vector<int>{1, 4, 3, 2}));
}

TEST(TraceSource, BrokenRowsAreSkippedAndCountedOnRequest) {
  const TempFile file(trace_at({1}) + "nonsense\n2023-11-16 12:00:02.0,0,10\n2023-11-16 12:00:03.0,7,10\n");
  EXPECT_NE(trace_error({.path = file.path()}).find(":3: this row has the wrong number of fields"),
            std::string::npos);
  const ReadWorkload read = read_trace({.path = file.path(), .skip_bad_rows = true});
  EXPECT_EQ(order(read), (std::vector<int>{1, 7}));
  ASSERT_EQ(read.warnings.size(), 1U);
  EXPECT_EQ(read.warnings.front().find("2 broken rows were skipped; the first: " + file.path() + ":3"), 0U);
}

TEST(TraceSource, DitherSpreadsRowsAndKeepsTimeInOrder) {
  std::string text = kSourceHeader;
  for (int second = 0; second < 60; second += 3) {
    for (int i = 0; i < 10; ++i) {
      text +=
          "2023-11-16 12:00:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + ",100,10\n";
    }
  }
  const TempFile file(text);
  for (const std::uint64_t seed : {0, 1, 2}) {
    SCOPED_TRACE(seed);
    const std::vector<double> ms = arrivals(read_trace({.path = file.path(), .dither_ms = 3000}, seed));
    ASSERT_EQ(ms.size(), 200U);
    EXPECT_TRUE(std::is_sorted(ms.begin(), ms.end()));
    for (std::size_t i = 0; i < ms.size(); ++i) {
      EXPECT_EQ(static_cast<int>(ms[i] / 3000), static_cast<int>(i / 10)) << "moved by 3 s or more";
    }
    EXPECT_EQ(std::adjacent_find(ms.begin(), ms.end()), ms.end()) << "arrivals still at one instant";
    EXPECT_EQ(ms, arrivals(read_trace({.path = file.path(), .dither_ms = 3000}, seed)));
  }
  EXPECT_NE(arrivals(read_trace({.path = file.path(), .dither_ms = 3000}, 0)),
            arrivals(read_trace({.path = file.path(), .dither_ms = 3000}, 1)));
}

TEST(TraceSource, DitherMovesNoRowBeyondTheClock) {
  const auto error = [](const std::string& path) { return trace_error({.path = path, .dither_ms = 1e9}); };
  const std::string header = "arrival_s,input_tokens,output_tokens\n0,100,10\n";
  const TempFile movable(header + "4611686018,100,10\n"), last(header + "9223372035,100,10\n");
  EXPECT_EQ(error(movable.path()), "");
  EXPECT_EQ(error(last.path()), last.path() +
                                    ":3:1: `dither_ms` cannot move a row that is this late\n"
                                    "  expected: time stamps below 2^62 nanoseconds, or 146 years");
}

TEST(TraceSource, ATimeScaleMovesNoRowBeyondTheClock) {
  const TempFile file("arrival_s,input_tokens,output_tokens\n0,100,10\n461168601.8,100,10\n");
  for (const auto& [time_scale, message] : std::initializer_list<std::pair<double, std::string>>{
           {0.1, ""},
           {0.09, "with `time_scale` 0.09 this row comes after 162.484 years"},
           {1e-6, "with `time_scale` 1e-06 this row comes after 1.46236e+07 years"},
           {1e6, ""},
       }) {
    const std::string error = trace_error({.path = file.path(), .time_scale = time_scale});
    EXPECT_EQ(error.empty(), message.empty()) << error;
    EXPECT_NE(error.find(message), std::string::npos) << error;
  }
}

TEST(TraceSource, ALimitIsNoPromiseOfAsManyRequests) {
  constexpr std::int64_t kMost = 1'000'000'000'000'000;
  for (const char* const name : {"mooncake.jsonl", "mooncake_sessions.jsonl"}) {
    const auto source = open_workload({.kind = TraceSpec{.path = fixture(name), .limit = kMost}});
    EXPECT_EQ(source->expected(), std::nullopt) << "memory would be set aside for all of them";
    EXPECT_FALSE(read_trace({.path = fixture(name), .limit = kMost}).requests.empty());
  }
}

TEST(TraceSource, ACoarseClockIsReportedAndDitherEndsTheReport) {
  std::string text = kSourceHeader;
  for (int i = 0; i < 100; ++i) {
    text += "2023-11-16 12:00:" + std::to_string(10 + 3 * (i / 10)) + ",100,10\n";
  }
  const TempFile file(text);
  const ReadWorkload coarse = read_trace({.path = file.path()});
  ASSERT_EQ(coarse.warnings.size(), 1U);
  EXPECT_NE(coarse.warnings.front().find("at least 3000 ms apart"), std::string::npos)
      << coarse.warnings.front();
  EXPECT_NE(coarse.warnings.front().find("`dither_ms: 3000`"), std::string::npos);
  const ReadWorkload spread = read_trace({.path = file.path(), .dither_ms = 3000});
  ASSERT_EQ(spread.warnings.size(), 1U);
  EXPECT_NE(spread.warnings.front().find("arrivals are spread"), std::string::npos);
}

TEST(TraceSource, AFineClockIsNotReported) {
  const TempFile file(trace_at({1, 2, 3}));
  EXPECT_TRUE(read_trace({.path = file.path()}).warnings.empty());
}

TEST(TraceSource, ATraceWithoutRequestsIsAnError) {
  const TempFile empty("");
  EXPECT_EQ(trace_error({.path = empty.path(), .format = "mooncake"}), empty.path() + ": the file is empty");
  const TempFile header(kSourceHeader);
  EXPECT_EQ(trace_error({.path = header.path()}), header.path() + ": there are no requests in this trace");
  const TempFile broken(std::string(kSourceHeader) + "1,2,3\n");
  const std::string error = trace_error({.path = broken.path(), .skip_bad_rows = true});
  EXPECT_NE(error.find("no requests in this trace"), std::string::npos);
  EXPECT_NE(error.find(broken.path() + ":2:1: bad `TIMESTAMP`"), std::string::npos);
  const TempFile two(trace_at({1, 2}));
  EXPECT_NE(trace_error({.path = two.path(), .start_s = 5}).find("no row of this trace lies between"),
            std::string::npos);
}

TEST(TraceSource, ASliceNeedsArrivalTimes) {
  const std::string error =
      trace_error({.path = fixture("vidur_lengths.csv"),
                   .start_s = 1,
                   .arrival = ArrivalSpec{.process = ArrivalSpec::Process::constant, .request_rate = 2}});
  EXPECT_NE(error.find("need arrival times"), std::string::npos);
}

TEST(TraceSource, ArrivalsOfItsOwnReplaceTheTracesAndItSaysSo) {
  const TempFile file(trace_at({3, 5, 4}));
  const ReadWorkload read =
      read_trace({.path = file.path(),
                  .arrival = ArrivalSpec{.process = ArrivalSpec::Process::constant, .request_rate = 10}});
  EXPECT_EQ(arrivals(read), (std::vector<double>{0, 100, 200})) << "the rows keep their order";
  ASSERT_EQ(read.warnings.size(), 1U);
  EXPECT_NE(read.warnings[0].find("`arrival` replaces them"), std::string::npos);
}

TEST(TraceSource, AllValuesOutOfRangeAreReportedAtOnce) {
  try {
    open_workload(
        {.kind = TraceSpec{.path = "x", .time_scale = 0, .limit = 0, .start_s = -1, .dither_ms = -1}});
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    std::vector<std::string> keys;
    for (const Problem& problem : error.problems()) keys.push_back(problem.place.file);
    EXPECT_EQ(keys, (std::vector<std::string>{"workload.time_scale", "workload.limit", "workload.start_s",
                                              "workload.dither_ms"}));
  }
}

TEST(TraceFormats, AnUnknownNameGetsTheNearestOne) {
  const TempFile file(trace_at({1}));
  const std::string error = trace_error({.path = file.path(), .format = "azurre"});
  EXPECT_NE(error.find("unknown trace format `azurre`"), std::string::npos);
  EXPECT_NE(error.find("did you mean `azure`?"), std::string::npos);
}

TEST(TraceFormats, UnknownContentIsRefusedWithTheListOfFormats) {
  const TempFile file("hello,world\n1,2\n");
  const std::string error = trace_error({.path = file.path()});
  for (const TraceFormat& format : trace_formats()) EXPECT_NE(error.find(format.name), std::string::npos);
  EXPECT_NE(error.find("`hello,world`"), std::string::npos);
  EXPECT_NE(trace_error({.path = TempFile("").path()}), "");
}

}  // namespace
}  // namespace blis
