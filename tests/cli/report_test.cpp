#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "blis/error.hpp"
#include "tests/cli/run_blis.h"
#include "tests/report/hand_made_report.h"
#include "tools/report/documents.h"
#include "tools/report/requests_csv.h"
#include "tools/report/result_folder.h"
#include "tools/report/series.h"
#include "tools/simulate/slo.h"

namespace blis {
namespace {

TEST(TextReport, HasVllmsLabelsAndColumns) {
  const std::string text = to_text(hand_made_report());
  EXPECT_TRUE(text.starts_with("hand-made: toy on 1x GPU\n3 requests")) << text;
  EXPECT_NE(text.find("\n============ Simulated Serving Result ============\n"), text.npos) << text;
  EXPECT_TRUE(text.ends_with("==================================================\n"));
  for (const char* const line : {
           "Successful requests:                     2         \n",
           "Failed requests:                         1         \n",
           "Benchmark duration (s):                  0.04      \n",  // 45 ms, from 5 to 50
           "Total input tokens:                      200       \n",
           "Total generated tokens:                  5         \n",
           "Request throughput (req/s):              44.44     \n",
           "Peak concurrent requests:                2         \n",
           "---------------Time to First Token----------------\n",
           "Mean TTFT (ms):                          15.00     \n",
           "-----Time per Output Token (excl. 1st token)------\n",
           "Median TPOT (ms):                        10.00     \n",
           "P99 ITL (ms):                            10.00     \n",
           "Mean E2EL (ms):                          30.00     \n",
           "  too_long:                              1         \n",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
  }
}

TEST(TextReport, AnswersInTheFirstScreen) {
  RunReport report = hand_made_report();
  report.scenario.slo.limits = {{"p99_ttft_ms", 20}, {"p99_itl_ms", 9}};
  const std::string text = to_text(report), answer = text.substr(0, text.find("\n=="));
  EXPECT_LE(std::ranges::count(answer, '\n'), 20) << answer;
  for (const char* const part :
       {"Not served: 1 of 3 requests (1 too_long)\n", "SLO: misses\n", "p99_ttft_ms <= 20  ",
        "TTFT (ms)          15.00       15.00", "ITL (ms)           10.00", "E2E (ms)           30.00",
        "Throughput    111.11 output tok/s, 44.44 req/s\n", "KV usage      mean"}) {
    EXPECT_NE(answer.find(part), answer.npos) << part << "in\n" << answer;
  }
  std::istringstream lines(answer);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST(TextReport, OfOneReplicaSaysNothingOfReplicas) {
  EXPECT_EQ(to_text(hand_made_report()).find("Imbalance"), std::string::npos);
  EXPECT_FALSE(nlohmann::json::parse(to_result_json(hand_made_report(), false)).contains("replicas"));
}

TEST(MarkdownReport, HoldsTheAnswerAsTables) {
  const std::string text = to_markdown(hand_made_report());
  for (const char* const part :
       {"## hand-made: toy on 1x GPU\n", "**Not served:** 1 of 3 requests (1 too\\_long)\n",
        "\n| ms | mean | median | p90 | p95 | p99 |\n| :-- | --: |", "\n| TTFT | 15.00 |"}) {
    EXPECT_NE(text.find(part), text.npos) << part << "in\n" << text;
  }
}

TEST(ResultJson, HasEveryFlatKeyWithOrWithoutRequests) {
  RunReport empty;
  empty.metrics = summarize(empty.run);
  const RunReport full = hand_made_report();
  for (const RunReport* const which : std::array<const RunReport*, 2>{&full, &empty}) {
    const RunReport& report = *which;
    const auto json = nlohmann::json::parse(to_result_json(report, true));
    EXPECT_EQ(json["schema"], "blis-result/1");
    for (const char* const key :
         {"completed", "failed", "duration", "total_input_tokens", "total_output_tokens",
          "request_throughput", "request_goodput", "output_throughput", "total_token_throughput",
          "max_concurrent_requests", "outcomes", "engine", "definitions", "warnings", "scenario", "itls",
          "ttfts", "input_lens"}) {
      EXPECT_TRUE(json.contains(key)) << key;
    }
    for (const std::string& key : slo_keys()) EXPECT_TRUE(json.contains(key)) << key;
    for (const char* const key : {"steps", "preemptions", "prefix_hit_rate", "kv_blocks", "kv_usage_mean",
                                  "kv_usage_peak", "batch_mean", "batch_peak", "bound_by"}) {
      EXPECT_TRUE(json["engine"].contains(key)) << key;
    }
  }
}

TEST(ResultJson, AFigureWithoutSamplesIsNull) {
  RunReport report;
  report.metrics = summarize(report.run);
  EXPECT_TRUE(nlohmann::json::parse(to_result_json(report, false))["p99_itl_ms"].is_null());
}

TEST(ResultJson, CountsEveryOutcome) {
  const auto json = nlohmann::json::parse(to_result_json(hand_made_report(), false));
  EXPECT_EQ(json["outcomes"].size(), static_cast<std::size_t>(kOutcomes));
  EXPECT_EQ(json["outcomes"]["completed"], 2);
  EXPECT_EQ(json["outcomes"]["too_long"], 1);
}

TEST(DetailedLists, AreVllmsInSeconds) {
  for (const auto& json : {nlohmann::json::parse(to_result_json(hand_made_report(), true)),
                           nlohmann::json::parse(to_vllm_json(hand_made_report(), true))}) {
    EXPECT_EQ(json["input_lens"], nlohmann::json({100, 100, 1 << 20}));
    EXPECT_EQ(json["output_lens"], nlohmann::json({4, 1, 0}));
    EXPECT_EQ(json["ttfts"], nlohmann::json({0.015, 0.015, 0.0}));
    EXPECT_EQ(json["itls"], nlohmann::json::parse("[[0.01, 0.01, 0.01], [], []]"));
    EXPECT_EQ(json["start_times"], nlohmann::json({0.005, 0.015, 0.016}));
    EXPECT_EQ(json["errors"], nlohmann::json({"", "", "too_long"}));
  }
}

TEST(VllmJson, HasItsHeader) {
  const auto json = nlohmann::json::parse(to_vllm_json(hand_made_report(), false));
  EXPECT_EQ(json["num_prompts"], 3);
  EXPECT_EQ(json["model_id"], "toy");
  EXPECT_EQ(json["request_rate"], "inf");
  EXPECT_FALSE(json.contains("itls"));
}

TEST(CsvReport, IsAHeaderAndARow) {
  const std::string text = to_csv(hand_made_report());
  std::istringstream lines(text);
  std::string header, row, more;
  std::getline(lines, header);
  std::getline(lines, row);
  EXPECT_FALSE(std::getline(lines, more));
  EXPECT_TRUE(header.starts_with("completed,failed,duration,")) << header;
  EXPECT_TRUE(row.starts_with("2,1,0.045,")) << row;
  EXPECT_EQ(std::ranges::count(header, ','), std::ranges::count(row, ','));
}

TEST(RequestsCsv, HasARowARequestAndLeavesUnsetTimesEmpty) {
  const TempFolder folder;
  write_requests_csv(folder.path("requests.csv"), hand_made_report().run);
  EXPECT_EQ(contents(folder.path("requests.csv")),
            "request_id,replica,arrival_ns,queued_ns,scheduled_ns,first_token_ns,last_token_ns,input_tokens,"
            "output_tokens,hit_tokens,preemptions,outcome,ttft_ms,tpot_ms,e2el_ms,api_ns,step_wait_ns,"
            "batch_wait_ns,kv_wait_ns,prefill_ns,chunk_wait_ns,"
            "decode_ns,stretch_ns,preemption_ns\n"
            "0,0,5000000,5000000,10000000,20000000,50000000,100,4,0,0,completed,15,10,45,"
            "0,0,5000000,0,10000000,0,30000000,0,0\n"
            "1,0,15000000,15000000,20000000,30000000,30000000,100,1,0,0,completed,15,,15,"
            "0,0,5000000,0,10000000,0,0,0,0\n"
            "2,0,16000000,,,,,1048576,0,0,0,too_long,,,,,,,,,,,,\n");
}

TEST(Cost, IsPriceTimesGpusOverTokens) {
  RunReport report = hand_made_report();
  EXPECT_FALSE(usd_per_million_output_tokens(report));
  report.use.usd_per_hour = 2 * 3.6;  // 2 GPUs at 0.001 USD a second
  // 5 tokens in 0.045 s.
  EXPECT_DOUBLE_EQ(usd_per_million_output_tokens(report).value(), 0.045 * 2 * 0.001 / 5 * 1e6);
}

TEST(Slo, ComparesFiguresWithTheirLimits) {
  RunReport report = hand_made_report();
  report.scenario.slo.limits = {{"p99_ttft_ms", 15}, {"mean_e2el_ms", 29.9}};
  report.scenario.slo.goodput.ttft_ms = 500;
  report.scenario.slo.attainment = 0.6;
  count(report, {.goodput = report.scenario.slo.goodput});
  report.run.requests.pop_back();  // all that are left were served
  count(report, {.goodput = report.scenario.slo.goodput});
  const std::vector<LimitVerdict> limits = judge_slo(report);
  ASSERT_EQ(limits.size(), 3u);
  EXPECT_TRUE(limits[0].met);
  EXPECT_FALSE(limits[1].met);
  EXPECT_EQ(limits[1].value, 30.0);
  EXPECT_TRUE(limits[2].met);
  EXPECT_EQ(limits[2].value, 1.0);
}

struct NotServed {
  const char* key;
  double value;  // with one of three requests refused; infinite: among it
};
class SloOfThree : public testing::TestWithParam<NotServed> {};

// TTFT of 15 ms twice, E2E of 45 and 15 ms, three gaps of 10 ms; the third request was too long.
TEST_P(SloOfThree, CountsWhatWasNotServedAsSlowest) {
  RunReport report = hand_made_report();
  report.scenario.slo.limits = {{GetParam().key, 1e9}};
  const LimitVerdict limit = judge_slo(report)[0];
  EXPECT_DOUBLE_EQ(limit.value, GetParam().value);
  EXPECT_EQ(limit.met, std::isfinite(GetParam().value));
  EXPECT_EQ(limit.verdict, limit.met ? Verdict::meets : Verdict::misses);
  report.run.requests.back().outcome = Outcome::unfinished;
  count(report);
  EXPECT_TRUE(judge_slo(report)[0].met) << "what an interruption cut off is not refused";
}

const double kAmongIt = std::numeric_limits<double>::infinity();
INSTANTIATE_TEST_SUITE_P(Figures, SloOfThree,
                         testing::Values(NotServed{"median_ttft_ms", 15}, NotServed{"p90_ttft_ms", kAmongIt},
                                         NotServed{"p99_ttft_ms", kAmongIt},
                                         NotServed{"max_ttft_ms", kAmongIt}, NotServed{"min_ttft_ms", 15},
                                         NotServed{"median_e2el_ms", 45}, NotServed{"mean_e2el_ms", 35},
                                         NotServed{"median_itl_ms", 10}, NotServed{"p99_itl_ms", kAmongIt},
                                         NotServed{"p90_tpot_ms", kAmongIt}));

TEST(Slo, IsNotMetByAFigureThatThereIsNot) {
  RunReport report;
  report.metrics = summarize(report.run);
  report.scenario.slo.limits = {{"p99_ttft_ms", 15}};
  EXPECT_FALSE(judge_slo(report)[0].met);
}

TEST(TimeSeries, SpreadsStepsOverTime) {
  const TimeSeries series = time_series(hand_made_report().run);
  ASSERT_EQ(series.bins.size(), kSeriesBins);
  double waiting = 0, busy = 0, prefill = 0, kv = 0;
  std::int64_t arrivals = 0, completions = 0;
  for (const TimeSeries::Bin& bin : series.bins) {
    waiting += bin.waiting;
    busy += bin.busy;
    prefill += bin.prefill_tokens;
    kv += bin.kv_usage;
    arrivals += bin.arrivals;
    completions += bin.completions;
  }
  // Six steps of 10 ms fill the 60 ms, but for the nanosecond that each bin is wider.
  const double bins = 60e6 / static_cast<double>(series.width.count());
  EXPECT_NEAR(busy, bins, 1e-6);
  EXPECT_NEAR(waiting, 4 * bins / 6, 1e-6);
  EXPECT_NEAR(kv, (0.0 + 0.1 + 0.2 + 0.3 + 0.4 + 0.5) * bins / 6, 1e-6);
  EXPECT_NEAR(prefill, 200, 1e-6);
  EXPECT_EQ(arrivals, 3);
  EXPECT_EQ(completions, 2);
}

TEST(StepHistogram, CountsEveryStepOnceByItsKind) {
  const StepHistogram histogram = step_histogram(hand_made_report().run);
  const auto total = [](const std::vector<std::int64_t>& counts) {
    std::int64_t sum = 0;
    for (const std::int64_t count : counts) sum += count;
    return sum;
  };
  EXPECT_EQ(total(histogram.prefill_only), 1);
  EXPECT_EQ(total(histogram.mixed), 1);
  EXPECT_EQ(total(histogram.decode_only), 4);
  const auto bucket = std::ranges::lower_bound(histogram.upper_ms, 10.0) - histogram.upper_ms.begin();
  EXPECT_EQ(histogram.upper_ms[static_cast<std::size_t>(bucket)], 10.0);
  EXPECT_EQ(histogram.mixed[static_cast<std::size_t>(bucket)], 1);
}

TEST(SeriesJson, StaysSmallWhateverTheRun) {
  RunReport report = hand_made_report();
  for (int i = 0; i < 50'000; ++i) {
    StepRecord step = report.run.engines[0].steps.back();
    step.start = step.end;
    step.end += Duration{7'654'321 + i};
    report.run.engines[0].steps.push_back(step);
    RequestRecord r = report.run.requests[0];
    r.last_token = step.end;
    report.run.requests.push_back(r);
  }
  const std::string text = to_series_json(report);
  EXPECT_LT(text.size(), 200'000u);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["time"]["running"].size(), kSeriesBins);
  EXPECT_EQ(json["cdf_ms"]["e2el"].back()[0], 100.0);
}

class ResultFolder : public testing::Test {
 protected:
  static void prepare_and_release(const std::string& path, bool force) {
    const FolderLock lock = prepare_result_folder(path, force);
  }
  ErrorKind refusal(const std::string& path, bool force) {
    try {
      const FolderLock lock = prepare_result_folder(path, force);
    } catch (const InputError& error) {
      return error.kind();
    }
    ADD_FAILURE() << "not refused";
    return {};
  }
  TempFolder folder_;
};

TEST_F(ResultFolder, HoldsTheFiveFiles) {
  const std::string path = folder_.path("a/b");
  prepare_and_release(path, false);
  write_result_folder(path, hand_made_report(), false, {});
  for (const char* const file :
       {"result.json", "requests.csv", "scenario.resolved.yaml", "series.json", "meta.json"}) {
    EXPECT_TRUE(std::filesystem::exists(path + "/" + file)) << file;
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path), {}), 5);
}

TEST_F(ResultFolder, IsNotOverwrittenWithoutForce) {
  folder_.write("result.json", "{}");
  EXPECT_EQ(refusal(folder_.path(), false), ErrorKind::usage);
  EXPECT_NO_THROW(prepare_and_release(folder_.path(), true));
  EXPECT_EQ(contents(folder_.path("result.json")), "{}");
}

TEST_F(ResultFolder, CannotBeAFileOrLieInOne) {
  EXPECT_EQ(refusal(folder_.write("file", ""), false), ErrorKind::io);
  EXPECT_EQ(refusal(folder_.path("file/below"), false), ErrorKind::io);
}

TEST_F(ResultFolder, MustBeWritable) {
  std::filesystem::permissions(folder_.path(),
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const bool writable_anyway = ::access(folder_.path().c_str(), W_OK) == 0;
  if (!writable_anyway) {
    EXPECT_EQ(refusal(folder_.path(), false), ErrorKind::io);
  }
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::owner_all);
  if (writable_anyway) GTEST_SKIP() << "this user may write anywhere";
}

}  // namespace
}  // namespace blis
