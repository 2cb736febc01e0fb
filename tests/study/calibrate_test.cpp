#include "tools/study/calibrate/calibrate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/scenarios/problems.h"
#include "tests/scenarios/settings.h"
#include "tests/scenarios/temp_folder.h"
#include "tests/workloads/azure_text.h"
#include "tools/report/requests_csv.h"
#include "tools/simulate/simulate_scenario.h"

namespace blis {
namespace {

ScenarioSettings scenario(const std::vector<std::string>& settings) {
  constexpr const char* kText =
      "version: 1\n"
      "model: llama-3.1-8b-instruct\n"
      "hardware: { gpu: H100 }\n"
      "workload:\n"
      "  kind: synthetic\n"
      "  num_requests: 80\n"
      "  arrival: { process: poisson, request_rate: 4 }\n"
      "  input_tokens: { distribution: uniform, min: 100, max: 3000 }\n"
      "  output_tokens: { distribution: uniform, min: 10, max: 60 }\n";
  return parsed(kText, settings);
}
Catalog catalog() {
  return Catalog(BLIS_SOURCE_DIR);
}

// What the simulator itself says with these settings, as if it had been measured.
std::string measure(const TempFolder& folder, const std::vector<std::string>& settings) {
  write_requests_csv(folder.path("requests.csv"), simulate_scenario(scenario(settings), catalog()).run);
  return folder.path("requests.csv");
}

const CalibratedConstant& constant(const Calibration& c, std::string_view key) {
  return *std::ranges::find(c.constants, key, &CalibratedConstant::key);
}

TEST(Calibrate, RecoversTheConstantsThatMadeTheMeasurement) {
  const TempFolder folder;
  const std::vector<Benchmark> measured{
      read_benchmark(measure(folder, {"latency.host.step_us=900", "latency.host.api_ms=12"}))};
  const ResolvedScenario plain = resolve(scenario({}), catalog());
  const Calibration c = calibrate(plain, measured);
  ASSERT_TRUE(constant(c, "latency.host.step_us").fitted);
  ASSERT_TRUE(constant(c, "latency.host.api_ms").fitted);
  EXPECT_NEAR(*constant(c, "latency.host.step_us").fitted, 900, 90);
  EXPECT_NEAR(*constant(c, "latency.host.api_ms").fitted, 12, 1.2);
  for (const CalibratedConstant& found : c.constants) {
    if (!found.fitted) continue;
    EXPECT_LE(found.low, *found.fitted) << found.key;
    EXPECT_GE(found.high, *found.fitted) << found.key;
  }
  EXPECT_GT(c.held_before, 0.05);
  EXPECT_LT(c.held_after, 0.3 * c.held_before);
  EXPECT_TRUE(c.helps());

  folder.write("cal.yaml", to_calibration_file(c, plain, measured, "blis calibrate"));
  const ScenarioSettings calibrated = scenario({"latency.calibration=" + folder.path("cal.yaml")});
  EXPECT_LT(distance(predict(resolve(calibrated, catalog()), measured), true), c.held_after + 1e-3);
}

TEST(Calibrate, SaysWhatTheRequestsDoNotTell) {
  const TempFolder folder;
  folder.write("alone.csv",
               "request_id,replica,arrival_ns,first_token_ns,last_token_ns,input_tokens,output_tokens,"
               "hit_tokens,outcome\n"
               "0,0,0,20000000,220000000,10,20,0,completed\n"
               "1,0,1000000000,1020000000,1220000000,10,20,0,completed\n");
  const std::vector<Benchmark> measured{read_benchmark(folder.path("alone.csv"))};
  const Calibration c = calibrate(resolve(scenario({}), catalog()), measured);
  EXPECT_FALSE(constant(c, "latency.clocks.slowdown").fitted) << "ten tokens heat no GPU";
  EXPECT_FALSE(constant(c, "latency.host.api_per_sequence_us").fitted) << "nothing else is streamed";
  EXPECT_NE(constant(c, "latency.clocks.slowdown").reason.find("do not change"), std::string::npos);
  const std::string text =
      to_text(c, check_suspects(resolve(scenario({}), catalog()), measured, c.before), measured);
  EXPECT_NE(text.find("not identified"), std::string::npos) << text;
}

TEST(Calibrate, EarlyFirstTokensPointAtThePrefixCache) {
  const TempFolder folder;
  std::string rows =
      "request_id,replica,arrival_ns,first_token_ns,last_token_ns,input_tokens,output_tokens,hit_tokens,"
      "outcome\n";
  for (int i = 0; i < 4; ++i) {
    const long at = 1'000'000'000L * i;
    rows += fmt::format("{},0,{},{},{},20000,20,0,completed\n", i, at, at + 9'000'000, at + 200'000'000);
  }
  folder.write("hits.csv", rows);
  const std::vector<Benchmark> measured{read_benchmark(folder.path("hits.csv"))};
  const ResolvedScenario plain = resolve(scenario({}), catalog());
  const std::vector<Suspect> suspects = check_suspects(plain, measured, predict(plain, measured));
  const auto hits = std::ranges::find(suspects, "prefix hits", &Suspect::name);
  ASSERT_NE(hits, suspects.end());
  EXPECT_TRUE(hits->suspicious) << hits->finding;
}

struct FormatCase {
  const char *file, *content;
};
// Two requests half a second apart: 100 and 200 prompt tokens, 3 tokens each, TTFT 20 and 30 ms, E2E 40 ms.
constexpr FormatCase kFormats[] = {
    {"vllm.json",
     R"({"num_prompts": 3, "total_input_tokens": 310, "request_throughput": 1, "input_lens": [100, 200, 10],
"output_lens": [3, 3, 0], "ttfts": [0.02, 0.03, 0], "itls": [[0.01, 0.01], [0.005, 0.005], []],
"start_times": [7.0, 7.5, 7.6]})"},
    {"aiperf.jsonl",
     R"({"metadata": {"request_start_ns": 1764000000500000000}, "metrics": {"input_sequence_length": {"value": 200, "unit": "tokens"}, "output_sequence_length": {"value": 3, "unit": "tokens"}, "time_to_first_token": {"value": 0.03, "unit": "s"}, "request_latency": {"value": 40, "unit": "ms"}}, "error": null}
{"metadata": {"request_start_ns": 1764000000000000000}, "metrics": {"input_sequence_length": {"value": 100, "unit": "tokens"}, "output_sequence_length": {"value": 3, "unit": "tokens"}, "time_to_first_token": {"value": 20, "unit": "ms"}, "request_latency": {"value": 40, "unit": "ms"}}, "error": null}
)"},
    {"aiperf_0.1.jsonl",
     R"({"metadata": {"timestamp_ns": 1764000000500000000, "credit_phase": "profiling"}, "metrics": {"input_sequence_length": {"value": 200, "unit": "tokens"}, "output_sequence_length": {"value": 3, "unit": "tokens"}, "ttft": {"value": 30, "unit": "ms"}, "request_latency": {"value": 40, "unit": "ms"}}, "error": null}
{"metadata": {"timestamp_ns": 1764000000000000000, "credit_phase": "profiling"}, "metrics": {"input_sequence_length": {"value": 100, "unit": "tokens"}, "output_sequence_length": {"value": 3, "unit": "tokens"}, "ttft": {"value": 20, "unit": "ms"}, "request_latency": {"value": 40, "unit": "ms"}}, "error": null}
)"},
    {"guidellm.json",
     R"({"benchmarks": [{"config": {"strategy": {}}, "requests": {"successful": [
{"request_start_time": 1000.5, "prompt_tokens": 200, "output_tokens": 3, "time_to_first_token_ms": 30, "request_latency": 0.04},
{"request_start_time": 1000.0, "prompt_tokens": 100, "output_tokens": 3, "time_to_first_token_ms": 20, "request_latency": 0.04}],
"incomplete": [], "errored": []}}]})"},
    {"inference_perf.json",
     R"([{"start_time": 5.0, "end_time": 5.04, "info": {"input_tokens": 100, "output_tokens": 3, "output_token_times": [5.02, 5.03, 5.04]}, "error": null},
{"start_time": 5.5, "end_time": 5.54, "info": {"request_metrics": {"text": {"input_tokens": 200}}, "response_metrics": {"output_tokens": 3, "output_token_times": [5.53, 5.54]}}, "error": null}])"},
    {"requests.csv",
     "request_id,replica,arrival_ns,first_token_ns,last_token_ns,input_tokens,output_tokens,hit_tokens,"
     "outcome\n"
     "0,0,1000,20001000,40001000,100,3,0,completed\n"
     "1,0,500001000,530001000,540001000,200,3,0,length_capped\n"},
};

TEST(Calibrate, ReadsEachFormat) {
  const TempFolder folder;
  for (const FormatCase& format : kFormats) {
    SCOPED_TRACE(format.file);
    folder.write(format.file, format.content);
    const Benchmark b = read_benchmark(folder.path(format.file));
    ASSERT_GE(b.requests.size(), 2u);
    EXPECT_EQ(b.requests[0].input_tokens, 100);
    EXPECT_EQ(b.requests[1].input_tokens, 200);
    EXPECT_NEAR(to_ms(b.requests[1].sent), 500, 0.001);
    EXPECT_NEAR(b.requests[0].ttft_ms.value(), 20, 0.001);
    EXPECT_NEAR(b.requests[1].ttft_ms.value(), 30, 0.001);
    for (int i = 0; i < 2; ++i) EXPECT_NEAR(b.requests[i].e2e_ms.value(), 40, 0.001);
    for (std::size_t i = 2; i < b.requests.size(); ++i) EXPECT_TRUE(b.requests[i].failed);
  }
}

std::string summary_json(double mean_ttft, double mean_tpot, const std::string& more = "") {
  return R"({"num_prompts": 40, "completed": 40, "total_input_tokens": 8000, "total_output_tokens": 1600,
"request_throughput": 2, "request_rate": 4.0, "burstiness": 1.0, "max_concurrency": null, "mean_ttft_ms": )" +
         std::to_string(mean_ttft) + R"(, "p99_ttft_ms": )" + std::to_string(2 * mean_ttft) +
         R"(, "mean_tpot_ms": )" + std::to_string(mean_tpot) + more + "}";
}

TEST(Calibrate, ReadsASummaryAndSaysWhatItDoesNotTell) {
  const TempFolder folder;
  const Benchmark b = read_benchmark(folder.write("s.json", summary_json(30, 8)));
  ASSERT_TRUE(b.summary);
  EXPECT_EQ(b.summary->requests, 40);
  EXPECT_EQ(b.summary->figures.size(), 3u);
  ASSERT_EQ(b.summary->traffic.stages.size(), 1u);
  EXPECT_EQ(b.summary->traffic.stages[0].requests.at(7).prompt_tokens, 200);
  EXPECT_GT(b.summary->traffic.stages[0].requests.back().at, Duration{0});
  EXPECT_EQ(b.notes.size(), 3u);
  EXPECT_NE(
      said_by([&] { read_benchmark(folder.write("t.json", summary_json(-3, 8))); }).all.find("mean_ttft_ms"),
      std::string::npos);
}

TEST(Calibrate, ASummaryIsFittedByItsMeansAndJudgedByTheRest) {
  const TempFolder folder;
  ScenarioSettings settings;
  settings.model = "llama-3.1-8b-instruct";
  settings.hardware.gpu = "H100";
  const ResolvedScenario scenario = resolve(settings, Catalog(BLIS_SOURCE_DIR));
  const std::vector<Benchmark> slow{read_benchmark(folder.write("s.json", summary_json(60, 11)))};
  const Calibration c = calibrate(scenario, slow);
  EXPECT_LT(c.fit_after, c.fit_before / 2);
  EXPECT_GT(c.held_before, 0) << "the percentile is held out";
  EXPECT_NE(to_text(c, {}, slow).find("held out (medians and percentiles)"), std::string::npos);
  EXPECT_NE(to_text(c, {}, slow).find("does not tell how requests differ"), std::string::npos);
}

TEST(Calibrate, DrawsStartTimesAgainWhereTheFileHasNone) {
  const TempFolder folder;
  const std::string lists =
      R"("input_lens": [1, 2, 3, 4], "output_lens": [1, 1, 1, 1], "ttfts": [1, 2, 4, 8], "itls": [[], [], [], []]})";
  const std::string totals = R"({"num_prompts": 4, "total_input_tokens": 10, "request_throughput": 1, )";
  folder.write("closed.json", totals + R"("request_rate": "inf", "max_concurrency": 2, )" + lists);
  const Benchmark closed = read_benchmark(folder.path("closed.json"));
  ASSERT_EQ(closed.notes.size(), 1u);
  std::vector<double> sent;
  for (const RecordedRequest& r : closed.requests) sent.push_back(to_ms(r.sent) / 1000);
  EXPECT_EQ(sent, (std::vector<double>{0, 0, 1, 2})) << "the third begins when the first has ended";
  folder.write("open.json", totals + R"("request_rate": 4.0, "burstiness": 1.0, )" + lists);
  const Benchmark open = read_benchmark(folder.path("open.json"));
  EXPECT_NE(open.notes.at(0).find("drawn again at 4 requests/s"), std::string::npos);
  EXPECT_GT(open.requests[3].sent, open.requests[1].sent);
}

TEST(Calibrate, RefusesFilesThatMeasureNothing) {
  constexpr struct {
    const char *file, *content, *said;
  } kBad[] = {
      {"t.csv", "arrival_s,input_tokens,output_tokens\n0,1,1\n", "these are no measurements"},
      {"v.json",
       R"({"num_prompts": 1, "total_input_tokens": 1, "request_throughput": 1, "input_lens": [1], "output_lens": [1], "ttfts": [0.1], "itls": [[]], "start_times": [1, 2]})",
       "`start_times` is not usable"},
      {"w.json",
       R"({"num_prompts": 1, "total_input_tokens": 1, "request_throughput": 1, "input_lens": [1], "output_lens": [1], "ttfts": [-1], "itls": [[]], "start_times": [0]})",
       "a first token after the request"},
      {"r.csv",
       "request_id,replica,arrival_ns,first_token_ns,last_token_ns,input_tokens,output_tokens,hit_tokens,"
       "outcome\n0,0,0,,,5,0,0,rejected\n",
       "no request has a measured latency"},
  };
  const TempFolder folder;
  for (const auto& bad : kBad) {
    folder.write(bad.file, bad.content);
    const std::string said = said_by([&] { read_benchmark(folder.path(bad.file)); }).all;
    EXPECT_NE(said.find(bad.said), std::string::npos) << bad.file << ": " << said;
  }
}

}  // namespace
}  // namespace blis
