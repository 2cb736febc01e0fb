// Every format reads its fixture to known figures, and is recognised by content alone.
#include "workloads/trace_formats.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <ostream>
#include <set>

#include "tests/workloads/read_requests.h"
#include "tests/workloads/temp_file.h"
#include "workloads/unique_ids.h"

namespace blis {
namespace {

TEST(TraceFormats, ADocumentThatIsCutShortIsCalledSo) {
  const TempFile file(R"({"date": "20260101", "num_prompts": 2, "ttfts": [1, 2)");
  EXPECT_NE(trace_error({.path = file.path()}).find("the file is cut short"), std::string::npos)
      << trace_error({.path = file.path()});
  const TempFile other(R"({"date": "20260101"})");
  EXPECT_EQ(trace_error({.path = other.path()}).find("cut short"), std::string::npos);
}

struct Fixture {
  const char* file;
  const char* format;
  std::size_t requests;
  std::int64_t input_tokens, output_tokens;  // sums
  double last_ms;                            // arrival of the last request
  std::size_t warnings = 0;
  friend std::ostream& operator<<(std::ostream& out, const Fixture& f) { return out << f.file; }
};

constexpr Fixture kFixtures[] = {
    {"azure2023.csv", "azure", 6, 16'171, 1308, 3600'000.0001},
    {"azure2024.csv", "azure", 5, 14'683, 52, 2990.07},
    {"azure2025_multimodal.csv", "azure", 5, 961 + 6 * 576, 139, 4000, 1},
    {"mooncake.jsonl", "mooncake", 6, 5926, 885, 6001},
    {"bailian.jsonl", "bailian", 5, 205, 458, 28'887},
    {"timed.jsonl", "timed", 5, 149, 728, 12'400},
    {"burstgpt_old.csv", "burstgpt", 5, 3248, 869, 244'000, 1},
    {"burstgpt_new.csv", "burstgpt", 4, 1100, 140, 999'625, 1},
    {"llmservingsim.jsonl", "llmservingsim", 5, 2060, 3364, 540.943454},
    {"vidur.csv", "vidur", 5, 1831, 225, 5892.655, 1},
    {"splitwise.csv", "splitwise", 4, 15'531, 59, 1500, 1},
    {"blis_requests.csv", "blis", 4, 1740, 224, 1450, 1},
    {"tracev2.csv", "tracev2", 4, 612 + 662 + 95 + 400, 65, 3000, 1},
    {"vllm_bench.json", "vllm", 5, 2400, 160, 1750, 1},
    {"aiperf.jsonl", "aiperf", 3, 1171, 139, 2250, 2},
    {"inference_perf.json", "inference-perf", 4, 2365, 696, 1750, 1},
    {"requests.jsonl", "requests", 3, 1050, 32, 1500},
    {"arrivals_ms.csv", "csv", 5, 250, 300, 2000},
    {"aiperf_0.1.jsonl", "aiperf", 2, 1000, 200, 500, 1},
    {"sglang_bench.jsonl", "sglang", 3, 2400, 130, 0, 2},
    {"guidellm.json", "guidellm", 3, 3000, 100, 10'249.999872, 2},
    {"genai_perf.json", "genai-perf", 2, 12, 4, 500, 2},
    {"otlp.jsonl", "otlp", 2, 400, 50, 1000, 1},
    {"gateway_log.jsonl", "jsonl", 3, 2484, 452, 1250},
};

class TraceFixtures : public ::testing::TestWithParam<Fixture> {};

TEST_P(TraceFixtures, ReadToKnownFigures) {
  const Fixture& expected = GetParam();
  const ReadWorkload read = read_trace({.path = fixture(expected.file), .closed_loop_sessions = false});
  ASSERT_EQ(read.requests.size(), expected.requests);
  std::int64_t input = 0;
  std::int64_t output = 0;
  for (const ReadRequest& request : read.requests) {
    input += request.spec.prompt_tokens;
    output += request.spec.output_tokens;
    std::int64_t in_runs = 0;
    for (const ContentRun& run : request.prompt) in_runs += run.tokens;
    EXPECT_EQ(in_runs, request.prompt.empty() ? 0 : request.spec.prompt_tokens);
  }
  EXPECT_EQ(input, expected.input_tokens);
  EXPECT_EQ(output, expected.output_tokens);
  EXPECT_EQ(arrival_ms(read.requests.front()), 0);
  EXPECT_DOUBLE_EQ(arrival_ms(read.requests.back()), expected.last_ms);
  EXPECT_EQ(read.warnings.size(), expected.warnings) << ::testing::PrintToString(read.warnings);
}

TEST_P(TraceFixtures, AreRecognisedByContentWhateverTheirName) {
  const TempFile copy(read_file(fixture(GetParam().file)), ".dat");
  EXPECT_EQ(open_trace(copy.path()).format->name, GetParam().format);
}

TEST_P(TraceFixtures, DoNotMindWindowsLineEndsAByteOrderMarkAndNoFinalNewline) {
  std::string text = read_file(fixture(GetParam().file));
  std::string windows = "\xef\xbb\xbf";
  for (const char c : text) {
    if (c == '\n') windows += '\r';
    if (c != '\r') windows += c;
  }
  while (windows.ends_with('\n') || windows.ends_with('\r')) windows.pop_back();
  const TempFile copy(windows);
  EXPECT_EQ(read_trace({.path = copy.path(), .closed_loop_sessions = false}).requests.size(),
            GetParam().requests);
}

TEST_P(TraceFixtures, CutAnywhereEitherReadOrSayWhere) {
  const std::string text = read_file(fixture(GetParam().file));
  for (std::size_t size = 0; size < text.size(); size += 7) {
    const TempFile copy(text.substr(0, size));
    const std::string error = trace_error({.path = copy.path()});
    EXPECT_TRUE(error.empty() || error.starts_with(copy.path())) << size << ": " << error;
  }
}

INSTANTIATE_TEST_SUITE_P(All, TraceFixtures, ::testing::ValuesIn(kFixtures), [](const auto& info) {
  std::string name = info.param.file;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
});

TEST(TraceFormatTable, EveryFormatHasAFixture) {
  std::set<std::string_view> covered{"servegen", "sharegpt",
                                     "prompts"};  // tested on their own: no fixed arrivals
  for (const Fixture& f : kFixtures) covered.insert(f.format);
  for (const TraceFormat& format : trace_formats()) EXPECT_TRUE(covered.contains(format.name)) << format.name;
}

TEST(PromptsTrace, HasTheLengthsOfItsTexts) {
  TraceSpec spec{.path = fixture("prompts.jsonl"),
                 .format = "auto",
                 .arrival = ArrivalSpec{.process = ArrivalSpec::Process::at_once}};
  EXPECT_THROW(read_trace(spec), InputError) << "the second row leaves its answer to whoever asks";
  spec.output_tokens = 50;
  const ReadWorkload read = read_trace(spec);
  ASSERT_EQ(read.requests.size(), 2U);
  EXPECT_EQ(read.requests[0].spec.prompt_tokens, 6) << "25 characters, rounded";
  EXPECT_EQ(read.requests[1].spec.prompt_tokens, 2);
  for (const auto& request : read.requests) EXPECT_EQ(request.spec.output_tokens, 50);
  spec.limit = 1;
  spec.output_tokens.reset();
  spec.chars_per_token = 2;
  const ReadWorkload own = read_trace(spec);
  EXPECT_EQ(own.requests[0].spec.prompt_tokens, 13);
  EXPECT_EQ(own.requests[0].spec.output_tokens, 7);
  EXPECT_TRUE(own.warnings.empty());
}

TEST(BailianTrace, BlocksAreOf16TokensAndChatsFormSessions) {
  const ReadWorkload read = read_trace({.path = fixture("bailian.jsonl")});
  ASSERT_EQ(read.requests[0].prompt.size(), 1U) << "ids that count up are one stream";
  EXPECT_EQ(read.requests[0].prompt[0].tokens, 40) << "whose last block is half full";
  EXPECT_EQ(read.requests[1].prompt.size(), 2U);
  EXPECT_EQ(read.requests[0].prompt[0].content, read.requests[1].prompt[0].content);
  const auto session = [&](std::size_t i) { return read.requests[i].spec.session; };
  EXPECT_EQ(session(2), session(0)) << "171 answers 159";
  EXPECT_EQ(session(3), session(0)) << "180 answers 171";
  EXPECT_NE(session(1), session(0));
  EXPECT_NE(session(4), session(0)) << "its parent lies before the trace";
}

TEST(TimedTrace, AnIdIsAny64Bits) {
  const ReadWorkload read = read_trace({.path = fixture("timed.jsonl")});
  EXPECT_NE(read.requests[0].prompt[0].content, kPrivateContent);
  EXPECT_EQ(read.requests[1].prompt[1], read.requests[2].prompt[1]);
  EXPECT_NE(read.requests[3].prompt[0].content, kPrivateContent);
}

TEST(BurstGptTrace, FailuresAreLeftOutAndCounted) {
  const ReadWorkload read = read_trace({.path = fixture("burstgpt_old.csv")});
  EXPECT_EQ(read.warnings[0], "1 rows without prompt or output tokens (failed requests) were left out");
  const ReadWorkload with_sessions = read_trace({.path = fixture("burstgpt_new.csv")});
  EXPECT_EQ(with_sessions.requests[0].spec.session, with_sessions.requests[2].spec.session);
  EXPECT_NE(with_sessions.requests[0].spec.session, with_sessions.requests[1].spec.session);
}

TEST(AzureTrace, ImagesBecomePromptTokensWithAWarning) {
  const ReadWorkload guessed = read_trace({.path = fixture("azure2025_multimodal.csv")});
  EXPECT_EQ(guessed.requests[1].spec.prompt_tokens, 100 + 576);
  EXPECT_EQ(
      guessed.warnings[0],
      "6 images count as 576 prompt tokens each, which is a guess; set `tokens_per_image` for your model");
  const ReadWorkload known =
      read_trace({.path = fixture("azure2025_multimodal.csv"), .tokens_per_image = 1000});
  EXPECT_EQ(known.requests[2].spec.prompt_tokens, 3044);
  EXPECT_EQ(known.warnings[0], "6 images count as 1000 prompt tokens each");
}

TEST(LlmServingSimTrace, EqualTokensAreSharedInBlocksOf16) {
  const ReadWorkload read =
      read_trace({.path = fixture("llmservingsim.jsonl"), .closed_loop_sessions = false});
  ASSERT_EQ(read.requests[0].prompt.size(), 2U);
  EXPECT_EQ(read.requests[0].prompt[0], read.requests[1].prompt[0]);
  EXPECT_NE(read.requests[0].prompt[1], read.requests[1].prompt[1]);
  EXPECT_NE(read.requests[0].prompt[0], read.requests[4].prompt[0]) << "their first token differs";
  EXPECT_TRUE(read.requests[2].prompt.empty()) << "without ids the prompt is private";
}

TEST(LlmServingSimTrace, ACallThatRepeatsTheAnswerBeforeItSharesIt) {
  const TempFile file(
      "{\"arrival_time_ns\": 3, \"sub_requests\": ["
      "{\"input_toks\": 3, \"input_tok_ids\": [1, 2, 3], \"output_toks\": 2, \"output_tok_ids\": [4, 5]}, "
      "{\"input_toks\": 6, \"input_tok_ids\": [1, 2, 3, 4, 5, 6], \"output_toks\": 1, \"output_tok_ids\": "
      "[7]}, "
      "{\"input_toks\": 8, \"input_tok_ids\": [1, 2, 3, 4, 5, 6, 9, 9], \"output_toks\": 1}]}\n");
  const ReadWorkload read = read_trace({.path = file.path(),
                                        .arrival = ArrivalSpec{.process = ArrivalSpec::Process::at_once},
                                        .closed_loop_sessions = false});
  ASSERT_EQ(read.requests.size(), 3U);
  const ContentId answer = read.requests[0].spec.output_content;
  EXPECT_NE(answer, kPrivateContent);
  ASSERT_EQ(read.requests[1].prompt.size(), 3U);
  EXPECT_EQ(read.requests[1].prompt[0], read.requests[0].prompt[0]);
  EXPECT_EQ(read.requests[1].prompt[1], (ContentRun{answer, 2}));
  EXPECT_EQ(read.requests[1].prompt[2].tokens, 1);
  EXPECT_EQ(read.requests[1].spec.output_content, kPrivateContent) << "what came next does not repeat it";
  EXPECT_EQ(read.requests[2].prompt.size(), 1U);
}

TEST(LlmServingSimTrace, NothingOfABrokenLineIsSent) {
  const TempFile file(
      "{\"input_toks\": 5, \"output_toks\": 6, \"arrival_time_ns\": 1}\n"
      "{\"input_toks\": 3, \"output_toks\": 1, \"arrival_time_ns\": 2, \"input_tok_ids\": [1]}\n"
      "{\"arrival_time_ns\": 3, \"sub_requests\": [{\"input_toks\": 5, \"output_toks\": 6}, {\"input_toks\": "
      "5}]}\n"
      "{\"input_toks\": 7, \"output_toks\": 8, \"arrival_time_ns\": 4}\n");
  const ReadWorkload read =
      read_trace({.path = file.path(), .skip_bad_rows = true, .closed_loop_sessions = false});
  ASSERT_EQ(read.requests.size(), 2U);
  EXPECT_EQ(read.requests[1].spec.prompt_tokens, 7);
}

TEST(TraceFormats, AnIdThatComesTwiceIsRefused) {
  for (const char* file :
       {"splitwise.csv", "blis_requests.csv", "tracev2.csv", "bailian.jsonl", "aiperf.jsonl"}) {
    std::string text = read_file(fixture(file));
    const std::size_t last = text.rfind('\n', text.size() - 2) + 1;
    text += text.substr(last);
    const TempFile copy(text);
    EXPECT_NE(
        trace_error({.path = copy.path(), .closed_loop_sessions = false}).find("an earlier row has the same"),
        std::string::npos)
        << file;
  }
}

TEST(UniqueIds, RememberEverythingAndHoldOnlyTheGaps) {
  UniqueIds ids;
  for (const std::int64_t id : {5, 6, 8, 4, 7, 0, 100}) EXPECT_TRUE(ids.add(id)) << id;
  EXPECT_EQ(ids.runs(), 3U) << "0, 4 to 8, 100";
  for (const std::int64_t id : {0, 4, 5, 6, 7, 8, 100}) EXPECT_FALSE(ids.add(id)) << id;
  EXPECT_TRUE(ids.add(1));
}

TEST(TraceV2, APrefixGroupComesInFrontOfTheInputTokens) {
  const ReadWorkload read = read_trace({.path = fixture("tracev2.csv")});
  EXPECT_EQ(read.requests[0].prompt[0].tokens, 512);
  EXPECT_EQ(read.requests[0].prompt[0], read.requests[1].prompt[0]);
  EXPECT_EQ(read.requests[0].prompt[1], (ContentRun{kPrivateContent, 100}));
  EXPECT_EQ(read.requests[2].spec.prompt_tokens, 95) << "what the server counted";
  EXPECT_EQ(read.requests[2].spec.timeout, Duration{2'000'000'000});
  EXPECT_EQ(read.requests[1].spec.session, read.requests[3].spec.session);
}

TEST(TraceV2, TheHeaderLeadsToItsDataAndItsUnitIsChecked) {
  EXPECT_EQ(read_trace({.path = fixture("tracev2.yaml")}).requests.size(), 4U);
  const auto folder = std::filesystem::temp_directory_path() / "blis_tracev2";
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "t.csv") << read_file(fixture("tracev2.csv"));
  std::ofstream(folder / "t.yaml") << "trace_version: 2\ntime_unit: milliseconds\n";
  const std::string error = trace_error({.path = (folder / "t.csv").string()});
  std::filesystem::remove_all(folder);
  EXPECT_NE(error.find("another unit of time"), std::string::npos);
}

TEST(VidurTrace, LengthsWithoutTimesNeedArrivals) {
  EXPECT_NE(trace_error({.path = fixture("vidur_lengths.csv")}).find("this trace has no arrival times"),
            std::string::npos);
  const ReadWorkload read =
      read_trace({.path = fixture("vidur_lengths.csv"),
                  .arrival = ArrivalSpec{.process = ArrivalSpec::Process::constant, .request_rate = 2}});
  ASSERT_EQ(read.requests.size(), 5U);
  EXPECT_EQ(arrival_ms(read.requests[4]), 2000);
  EXPECT_EQ(read.requests[1].spec.prompt_tokens, 2000);
}

TEST(ShareGptTrace, LengthsAreGuessedFromCharactersAndFilteredAsInVllm) {
  const TraceSpec spec{.path = fixture("sharegpt.json"),
                       .arrival = ArrivalSpec{.process = ArrivalSpec::Process::at_once}};
  const ReadWorkload read = read_trace(spec);
  ASSERT_EQ(read.requests.size(), 2U);
  EXPECT_EQ(read.requests[0].spec.prompt_tokens, 12) << "46 characters";
  EXPECT_EQ(read.requests[1].spec.prompt_tokens, 13) << "53 characters, not 58 bytes";
  EXPECT_EQ(read.warnings.size(), 2U);
  TraceSpec known = spec;
  known.chars_per_token = 2;
  EXPECT_EQ(read_trace(known).requests[0].spec.prompt_tokens, 23);
}

TEST(VllmBenchTrace, ResultsAreSortedByStartAndFailuresLeftOut) {
  const ReadWorkload read = read_trace({.path = fixture("vllm_bench.json")});
  std::vector<int> prompts;
  for (const ReadRequest& r : read.requests) prompts.push_back(r.spec.prompt_tokens);
  EXPECT_EQ(prompts, (std::vector<int>{512, 640, 128, 320, 800}));
}

TEST(VllmBenchTrace, OldResultsGetArrivalsOfTheirRate) {
  const ReadWorkload read = read_trace({.path = fixture("vllm_bench_old.json")});
  ASSERT_EQ(read.requests.size(), 5U);
  EXPECT_GT(arrival_ms(read.requests[4]), 0);
  ASSERT_EQ(read.warnings.size(), 1U);
  EXPECT_NE(read.warnings[0].find("drawn again at 2 requests/s"), std::string::npos);
}

TEST(VllmBenchTrace, TotalsAloneAndSeveralResultsAreRefused) {
  const TempFile totals(R"({"num_prompts": 1, "total_input_tokens": 5, "request_throughput": 1.0})");
  EXPECT_NE(trace_error({.path = totals.path()}).find("--save-detailed"), std::string::npos);
  const std::string one = read_file(fixture("vllm_bench.json"));
  const TempFile several(one + one);
  EXPECT_NE(trace_error({.path = several.path()}).find("several results"), std::string::npos);
}

TEST(VllmBenchTrace, AFileThatStartsWithAnEmptyLineIsRefusedInPeace) {  // found by fuzzing
  const TempFile file("\n{\"a\": 1}\n");
  EXPECT_NE(trace_error({.path = file.path(), .format = "vllm"}).find("there is no `input_lens`"),
            std::string::npos);
}

TEST(VllmBenchTrace, AnImpossibleRateIsRefused) {
  std::string text = read_file(fixture("vllm_bench_old.json"));
  text.replace(text.find("2.0"), 3, "-2.");
  text.replace(text.find("-2."), 3, "-20");
  const TempFile file(text);
  EXPECT_NE(trace_error({.path = file.path()}).find("bad `request_rate`"), std::string::npos);
}

TEST(InferencePerfTrace, BrokenJsonIsRefusedWithLineAndColumn) {
  std::string text = read_file(fixture("inference_perf.json"));
  text.replace(text.find("101.0"), 5, "1o1.0");
  const TempFile file(text);
  const std::string error = trace_error({.path = file.path()});
  EXPECT_TRUE(error.starts_with(file.path() + ":4:19: this is not JSON")) << error;
}

TEST(ServeGenTrace, EachWindowHasItsRequestsAndItsLengths) {
  const ReadWorkload read = read_trace({.path = fixture("chunk-0-trace.csv")});
  ASSERT_EQ(read.requests.size(), 300U + 60U + 6U) << "rate times length, rounded up";
  std::map<int, int> inputs;
  for (std::size_t i = 0; i < read.requests.size(); ++i) {
    const RequestSpec& spec = read.requests[i].spec;
    ++inputs[spec.prompt_tokens];
    EXPECT_EQ(i < 300, spec.prompt_tokens != 7);
    EXPECT_EQ(i < 300, spec.output_tokens == 10);
  }
  EXPECT_NEAR(inputs[100], 150, 35);
  const Duration first_gap = Duration{0};
  EXPECT_GE(read.requests[0].spec.arrival, Time{first_gap});
  EXPECT_EQ(read.warnings.size(), 1U);
}

TEST(ServeGenArrivals, DriveASyntheticClientToo) {
  SyntheticSpec spec{.num_requests = 1000,
                     .clients = {{.name = "servegen",
                                  .arrival = ArrivalSpec{.process = ArrivalSpec::Process::servegen,
                                                         .path = fixture("chunk-0-trace.csv")},
                                  .input_tokens = {.value = 100},
                                  .output_tokens = {.value = 10}}}};
  const ReadWorkload read = read_workload({.kind = spec});
  ASSERT_EQ(read.requests.size(), 366U) << "the client's file ends";
  EXPECT_LE(arrival_ms(read.requests[299]), 600'000);
  EXPECT_GE(arrival_ms(read.requests[300]), 1'200'000);
}

TEST(ServeGenTrace, WithoutItsDataSetLengthsAreAssumedAloud) {
  const TempFile alone(read_file(fixture("chunk-0-trace.csv")));
  const ReadWorkload read = read_trace({.path = alone.path()});
  EXPECT_EQ(read.requests[0].spec.prompt_tokens, 930);
  ASSERT_EQ(read.warnings.size(), 2U);
  EXPECT_NE(read.warnings[1].find("is not there"), std::string::npos);
}

TEST(ServeGenTrace, DatasetsAreParsedAndNeverEvaluated) {
  const auto folder = std::filesystem::temp_directory_path() / "blis_servegen";
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "chunk-0-trace.csv") << read_file(fixture("chunk-0-trace.csv"));
  for (const char* text :
       {"__import__('os')", "{1: 0.5", "{1: x}", "{1: -0.5}", "{}", "{1: 0}", "{1.5: 1}", "{1: 1} x"}) {
    std::ofstream(folder / "chunk-0-dataset.json")
        << R"({"0": {"input_tokens": ")" << text << R"(", "output_tokens": "{1: 1}"}})";
    EXPECT_NE(trace_error({.path = (folder / "chunk-0-trace.csv").string()}), "") << text;
  }
  std::filesystem::remove_all(folder);
}

TEST(CsvTrace, ColumnsAreKnownByTheNamesToolsUse) {
  const std::string path = shared_trace("sharegpt_llama31_8b_sps10.lengths.csv");
  if (path.empty()) GTEST_SKIP() << "no shared traces";
  EXPECT_EQ(read_trace({.path = path}).requests.size(), 300U);
}

}  // namespace
}  // namespace blis
