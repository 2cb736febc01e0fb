// Any log: columns under usual names or given ones, times of every usual writing, conditions on rows.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/workloads/read_requests.h"
#include "tests/workloads/temp_file.h"
#include "workloads/date_time.h"

namespace blis {
namespace {

TraceSpec log_of(const TempFile& file, LogView view = {}) {
  return {.path = file.path(), .log = std::move(view)};
}

TEST(Log, UnderUsualNamesIsReadWhateverSeparatesItsColumns) {
  for (const char separator : {',', '\t', ';', '|'}) {
    std::string text =
        "request_id,start_time,model,status,prompt_tokens,completion_tokens\n"
        "req-0,2025-11-03T14:00:00.024Z,llama,200,341,127\n"
        "req-1,2025-11-03T14:00:00.040Z,\"a llama\",200,451,199\n";
    std::ranges::replace(text, ',', separator);
    const TempFile file(text);
    const ReadWorkload read = read_trace(log_of(file));
    ASSERT_EQ(read.requests.size(), 2U) << separator;
    EXPECT_EQ(arrival_ms(read.requests[1]), 16);
    EXPECT_EQ(read.requests[1].spec.prompt_tokens, 451);
    EXPECT_EQ(read.requests[1].spec.output_tokens, 199);
    EXPECT_TRUE(read.warnings.empty()) << ::testing::PrintToString(read.warnings);
  }
}

TEST(Log, OfJsonLinesIsReadThroughInnerObjects) {
  const ReadWorkload read = read_trace({.path = fixture("gateway_log.jsonl")});
  ASSERT_EQ(read.requests.size(), 3U);
  EXPECT_EQ(arrival_ms(read.requests[1]), 500);
  EXPECT_EQ(read.requests[0].spec.session, read.requests[2].spec.session);
  EXPECT_EQ(read.requests[1].spec.session, 0U);
  EXPECT_EQ(read.requests[2].spec.output_tokens, 126);
}

TEST(Log, TakesTheNamesThatItIsGiven) {
  const TempFile file(
      "when,tok_in,tok_out,who,rank\n2025-11-03 14:00:00,10,20,ann,3\n2025-11-03 14:00:01,11,21,bob,-1\n");
  const ReadWorkload read = read_trace(log_of(file, {.columns = {.arrival = "When",
                                                                 .input = "tok_in",
                                                                 .output = "tok_out",
                                                                 .session = "who",
                                                                 .priority = "rank"}}));
  ASSERT_EQ(read.requests.size(), 2U);
  EXPECT_EQ(arrival_ms(read.requests[1]), 1000);
  EXPECT_EQ(read.requests[0].spec.priority, 3);
  EXPECT_EQ(read.requests[1].spec.priority, -1);
  EXPECT_NE(read.requests[0].spec.session, read.requests[1].spec.session);
}

TEST(Log, OfUnknownNamesIsAnsweredWithThemAndACommand) {
  const TempFile table("id,when,tokensIn,tokensOut,latency\n1,2025-11-03 14:00:00,10,20,3\n");
  EXPECT_EQ(
      trace_error(log_of(table)),
      fmt::format("{0}: no column of this log is known to hold the lengths of prompts and outputs\n"
                  "  got:      columns id, when, tokensIn, tokensOut, latency\n"
                  "  hint:     if its columns are what they seem to be: blis trace inspect {0} --columns "
                  "arrival=when,input=tokensIn,output=tokensOut",
                  table.path()));
  const TempFile lines(R"({"at": 1762178400.5, "req tok": 10, "resp_tok": 20})"
                       "\n");
  EXPECT_TRUE(
      trace_error(log_of(lines))
          .ends_with(fmt::format("blis trace inspect {} --columns 'arrival=at,input=req tok,output=resp_tok'",
                                 lines.path())))
      << trace_error(log_of(lines));
}

TEST(Log, WhoseNamesSayNothingIsReadInItsOrder) {
  const auto ends_with_mapping = [](std::string_view text, std::string_view mapping) {
    const TempFile file(text);
    return trace_error(log_of(file)).ends_with(mapping);
  };
  EXPECT_TRUE(ends_with_mapping("zeit,frage,antwort\n2026-01-01T00:00:05Z,10,5\n",
                                "--columns arrival=zeit,input=frage,output=antwort"));
  EXPECT_TRUE(ends_with_mapping("zeit,a,b,c\n2026-01-01T00:00:05Z,10,5,1\n",
                                "--columns arrival=NAME,input=NAME,output=NAME"))
      << "three may be anything";
}

TEST(Log, WithoutKnownTimesIsNotToldToInventThem) {
  const TempFile file("began,prompt_tokens,completion_tokens\n2025-11-03 14:00:00,10,20\n");
  const std::string error = trace_error(log_of(file));
  EXPECT_NE(error.find("--columns arrival=began,input=prompt_tokens,output=completion_tokens"),
            std::string::npos)
      << error;
  EXPECT_EQ(error.find("poisson"), std::string::npos) << error;
}

struct Clock {
  const char* name;  // of the column
  const char* first;
  const char* second;
  double apart_ms;
  const char* said = nullptr;  // nothing where nothing was taken from the size
  const char* unit = nullptr;
};

TEST(Log, TellsTimesApart) {
  constexpr Clock kClocks[] = {
      {"timestamp", "1762178400", "1762178401.5", 1500, "seconds"},
      {"timestamp", "1762178400000", "1762178401500", 1500, "milliseconds"},
      {"timestamp", "1762178400000000", "1762178401500000", 1500, "microseconds"},
      {"timestamp", "1762178400000000000", "1762178401500000001", 1500.000001, "nanoseconds"},
      {"timestamp_ms", "0", "12", 12},
      {"startTimeUnixNano", "1762178400000000000", "1762178400000000250", 0.00025},
      {"timestamp", "0", "12", 12'000, nullptr, "s"},
      {"timestamp", "0.5", "12", 0.0115, nullptr, "us"},
      {"timestamp", "2025-11-03T14:00:00Z", "2025-11-03T16:00:01+0200", 1000},
      {"timestamp", "2025-11-03 14:00:00,250", "2025-11-03 14:00:00,750", 500},
      {"timestamp", "2025-11-03 14:00:00.1 UTC", "2025-11-03 14:00:00.2 GMT", 100},
  };
  for (const Clock& clock : kClocks) {
    SCOPED_TRACE(clock.first);
    const TempFile file(fmt::format("{};input_tokens;output_tokens\n{};1;1\n{};1;1\n", clock.name,
                                    clock.first, clock.second));
    LogView view;
    view.columns.arrival = clock.name;
    if (clock.unit) view.columns.unit = clock.unit;
    const ReadWorkload read = read_trace(log_of(file, view));
    ASSERT_EQ(read.requests.size(), 2U);
    EXPECT_DOUBLE_EQ(arrival_ms(read.requests[1]), clock.apart_ms);
    ASSERT_EQ(read.warnings.size(), clock.said ? 1U : 0U);
    if (clock.said) {
      EXPECT_EQ(read.warnings[0],
                fmt::format("`{}` is taken for {} since 1970, by their size", clock.name, clock.said));
    }
  }
}

TEST(Log, RefusesTimesThatContradictThoseAbove) {
  struct Row {
    const char *first, *second, *message;
  };
  constexpr Row kRows[] = {
      {"1762178400", "1762178401500",
       "by its size this time counts milliseconds, and those above count seconds"},
      {"1762178400", "12", "this time does not count seconds from 1970, as those above do"},
      {"1762178400", "2025-11-03 14:00:00", "this time is a date, and those above are numbers"},
      {"2025-11-03 14:00:00Z", "2025-11-03 14:00:00", "this time has no zone, and those above have one"},
      {"2025-11-03 14:00:00", "2025-11-03 14:00:00Z", "this time has a zone, and those above have none"},
      {"2025-11-03 14:00:00", "yesterday", "this is no time"},
      {"soon", "later", "this is no time"},
      {"0", "1", "nothing says in which unit this time is"},
  };
  for (const Row& row : kRows) {
    const TempFile file(
        fmt::format("time,input_tokens,output_tokens\n{},1,1\n{},1,1\n", row.first, row.second));
    const std::string error = trace_error(log_of(file));
    EXPECT_NE(error.find(row.message), std::string::npos) << error;
    EXPECT_TRUE(error.starts_with(file.path() + ":")) << error;
  }
}

TEST(Log, SaysWhyLocalTimesMayGoBack) {
  const TempFile file("time,input_tokens,output_tokens\n2025-10-26 02:59:59,1,1\n2025-10-26 02:00:01,1,1\n");
  EXPECT_NE(trace_error(log_of(file)).find("where summer time ends"), std::string::npos);
}

TEST(Log, RowsThatDoNotMeetAConditionAreLeftOutAndCounted) {
  const std::string text =
      "arrival_s,input_tokens,output_tokens,status\n0,1,1,200\n1,1,0,500\n2,1,1,200.0\n3,9,1,429\n";
  const TempFile file(text);
  struct Case {
    std::vector<std::string> where;
    std::size_t kept;
  };
  for (const Case& c : {Case{{"status=200"}, 2}, Case{{"status<500"}, 3}, Case{{"status!=500"}, 3},
                        Case{{"status!=500", "input_tokens>=9"}, 1}, Case{{"output_tokens>0"}, 3}}) {
    const ReadWorkload read = read_trace(log_of(file, {.where = c.where}));
    EXPECT_EQ(read.requests.size(), c.kept) << ::testing::PrintToString(c.where);
    EXPECT_EQ(read.warnings.size(), 1U);
  }
  EXPECT_EQ(read_trace(log_of(file, {.where = {"status=200"}})).warnings[0],
            "2 of 4 rows do not have status=200 and were left out");
  EXPECT_NE(trace_error(log_of(file)).find("--where status=200"), std::string::npos);
  EXPECT_NE(trace_error(log_of(file, {.where = {"status=201"}})).find("none is left"), std::string::npos);
}

TEST(Log, RefusesNamesAndConditionsThatMeanNothing) {
  const TempFile file("arrival_s,input_tokens,output_tokens\n0,1,1\n");
  EXPECT_NE(
      trace_error(log_of(file, {.columns = {.input = "input_token"}})).find("did you mean `input_tokens`"),
      std::string::npos);
  for (const char* const bad : {"status", "=200", "!", ""}) {
    EXPECT_NE(trace_error(log_of(file, {.where = {bad}})).find("this is no condition on a row"),
              std::string::npos)
        << bad;
  }
  EXPECT_NE(trace_error(log_of(file, {.where = {"status=200"}})).find("there is no column `status`"),
            std::string::npos);
  TraceSpec azure{.path = fixture("azure2023.csv"), .format = "azure", .log = {.where = {"a=1"}}};
  EXPECT_NE(trace_error(azure).find("has columns of its own"), std::string::npos);
}

TEST(Log, ATextThatIsNoTableIsNone) {
  for (const char* const text : {"hello, world, all\nof you\n", "a,b\n1,2\n", "1,2,3\n4,5,6\n"}) {
    const TempFile file(text);
    EXPECT_NE(trace_error(log_of(file)).find("none of the trace formats"), std::string::npos) << text;
  }
}

TEST(Log, BlankFirstLinesBreakNothing) {
  for (const char* const name : {"azure2023.csv", "mooncake.jsonl", "vllm_bench.json", "gateway_log.jsonl"}) {
    const TempFile file("\n  \r\n" + read_file(fixture(name)));
    EXPECT_EQ(read_trace({.path = file.path()}).requests.size(),
              read_trace({.path = fixture(name)}).requests.size())
        << name;
  }
  const TempFile broken("\n\n{\"num_prompts\": 1, \"total_input_tokens\": 1, \"request_throughput\": oops}");
  EXPECT_TRUE(trace_error(log_of(broken)).starts_with(broken.path() + ":3:")) << trace_error(log_of(broken));
}

TEST(Log, ABrokenFirstRowIsSkippedLikeAnyOther) {
  const TempFile table("arrival_s,input_tokens,output_tokens\n\"0,1,1\n1,1,1\n");
  TraceSpec spec{.path = table.path(), .skip_bad_rows = true};
  EXPECT_EQ(read_trace(spec).requests.size(), 1U);
}

TEST(DateTimes, AreReadToTheNanosecondAndNothingElseIs) {
  EXPECT_EQ(parse_date_time("1970-01-01T00:00:01.000000002Z")->since_1970.count(), 1'000'000'002);
  EXPECT_TRUE(parse_date_time("2025-11-03 14:00:00 -05:30")->has_zone);
  EXPECT_FALSE(parse_date_time("2025-11-03 14:00:00")->has_zone);
  for (const char* const text :
       {"", "2025-11-03", "2025-13-03 14:00:00", "2025-02-30 14:00:00", "2025-11-03 24:00:00",
        "1969-12-31 23:59:59", "2025-11-03 14:00:00.", "2025-11-03 14:00:00.1234567890",
        "2025-11-03 14:00:00 ", "2025-11-03 14:00:00ZZ"}) {
    EXPECT_FALSE(parse_date_time(text)) << text;
  }
}

}  // namespace
}  // namespace blis
