// Measured cases as they are read, and what is said about broken ones.
#include "tools/score/case_reader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "blis/error.hpp"
#include "tests/scenarios/temp_folder.h"
#include "tools/score/recorded_requests.h"

namespace blis {
namespace {

const std::string kFolder = BLIS_SOURCE_DIR "/tests/score/measured";

const MeasuredCase& find(const std::vector<MeasuredCase>& cases, const std::string& id) {
  for (const MeasuredCase& c : cases) {
    if (c.id == id) return c;
  }
  throw std::runtime_error("no case " + id);
}

TEST(CaseReader, ReadsWhatARunWasAndGave) {
  const std::vector<MeasuredCase> cases = read_cases(kFolder);
  ASSERT_EQ(cases.size(), 6u);
  const MeasuredCase& c = find(cases, "drawn");
  EXPECT_EQ(c.model, "meta-llama/Llama-3.1-8B-Instruct");
  EXPECT_EQ(c.version, "0.15.1");
  EXPECT_EQ(c.pool.distinct, 10);
  EXPECT_EQ(c.pool.groups, 2);  // of its generator
  EXPECT_EQ(c.stages.size(), 2u);
  EXPECT_EQ(c.output_tokens, 50);
  ASSERT_EQ(c.measured.size(), 1u);
  EXPECT_EQ(c.measured[0].index, -1);
  EXPECT_EQ(c.measured[0].figures[Metric::ttft_p90], 25);
  EXPECT_TRUE(std::isnan(c.measured[0].figures[Metric::ttft_p50]));
  EXPECT_FALSE(c.gpu_blocks);
  EXPECT_TRUE(c.judged());
}

TEST(CaseReader, BlocksCountedFromATraceLackTheNullBlock) {
  EXPECT_EQ(find(read_cases(kFolder), "recorded").gpu_blocks, 2001);
}

TEST(CaseReader, SettingsThatAreDescribedOrUnknownAreNoted) {
  const std::vector<MeasuredCase> cases = read_cases(kFolder);
  const MeasuredCase& c = find(cases, "curve");
  EXPECT_TRUE(c.seqs_are_concurrency);
  EXPECT_EQ(c.weights, "fp8");
  ASSERT_EQ(c.engine_args.size(), 1u);
  EXPECT_EQ(c.engine_args[0].first, "engine.gpu_memory_utilization");
  EXPECT_EQ(c.notes.size(), 3u);  // max_model_len, swap_space, the point without a concurrency
  EXPECT_EQ(c.points.size(), 3u);
}

struct Broken {
  const char* line;
  const char* message;
};
class BrokenCases : public testing::TestWithParam<Broken> {};

constexpr const char* kUsable =
    R"({"id": "sound", "family": "f", "model": {"hf_id": "m"}, "hardware": {"gpu": "g"},)"
    R"( "engine": {"name": "vllm"}, "simulatable": "full"})";

TEST_P(BrokenCases, CostThemselvesAloneAndSayLineAndKey) {
  const TempFolder folder;
  std::ofstream(folder.path("cases.jsonl")) << "\n" << GetParam().line << "\n" << kUsable << "\n";
  const std::vector<MeasuredCase> cases = read_cases(folder.path());
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_NE(cases[0].problem.find("cases.jsonl:2"), std::string::npos) << cases[0].problem;
  EXPECT_NE(cases[0].problem.find(GetParam().message), std::string::npos) << cases[0].problem;
  EXPECT_FALSE(cases[0].id.empty());
  EXPECT_EQ(cases[1].id, "sound");
  EXPECT_EQ(cases[1].problem, "");
}

INSTANTIATE_TEST_SUITE_P(
    Lines, BrokenCases,
    testing::Values(
        Broken{"nonsense", "this is not JSON"}, Broken{R"({"family": "f"})", "`id` is not usable"},
        Broken{R"({"id": 3})", "`id` is not usable"},
        Broken{
            R"({"id": "a", "family": "f", "model": {"hf_id": "m"}, "hardware": {"gpu": "g"}, "parallel": {"tp": 1.5}})",
            "`parallel.tp` is not usable"},
        Broken{
            R"({"id": "a", "family": "f", "model": {"hf_id": "m"}, "hardware": {"gpu": "g"}, "engine": {"name": "vllm"},)"
            R"( "measured": {"points": [{"concurrency": 1, "ttft_ms": "x"}]}, "simulatable": "full"})",
            "`measured.points[0].ttft_ms` is not usable"}));

// A burst of a second collection: one row with what such rows have beyond the first one's.
constexpr const char* kBurst =
    R"({"id": "burst", "family": "f", "page": "p", "model": {"hf_id": "Some/Own-Model", "quantization": null},)"
    R"( "hardware": {"gpu": "h100"}, "parallel": {"tp": 2, "replicas": 4}, "simulatable": "full",)"
    R"( "engine": {"name": "vllm", "version": "0.11.0", "args": {"max_num_seqs": null, "max_model_len": 4096},)"
    R"( "args_if_refused": {"max_model_len": 300}}, "workload": {"loop": "closed", "num_requests": 8,)"
    R"( "max_concurrency": 3, "isl": 200, "osl": 100, "sampling": {"temperature": 0}},)"
    R"( "do_not_tune_metrics": ["throughput"], "measured": {"summary": {"stage_index": -1,)"
    R"( "do_not_tune_metrics": ["ttft"], "ttft_ms": {"mean": 9}}}})";

TEST(CaseReader, ReadsBurstsRepliesOfAProxyAndMarks) {
  const TempFolder folder;
  std::ofstream(folder.path("cases.jsonl")) << kBurst << "\n";
  const MeasuredCase c = read_cases(folder.path()).at(0);
  ASSERT_EQ(c.problem, "");
  EXPECT_EQ(c.loop, Loop::at_once);
  EXPECT_EQ(c.num_requests, 8);
  EXPECT_EQ(c.max_concurrency, 3);
  EXPECT_EQ(c.replicas, 4);
  EXPECT_TRUE(c.greedy);
  EXPECT_EQ(c.engine_args.size(), 1u);  // null is the default
  ASSERT_EQ(c.args_if_refused.size(), 1u);
  EXPECT_EQ(c.args_if_refused[0].second, "300");
  ASSERT_EQ(c.measured.size(), 1u);
  const MetricMarks& marks = c.measured[0].doubtful;
  EXPECT_TRUE(marks[Metric::ttft_p99]);
  EXPECT_TRUE(marks[Metric::e2e_mean]);  // of which it is a part
  EXPECT_TRUE(marks[Metric::output_throughput]);
  EXPECT_FALSE(marks[Metric::tpot_mean]);
}

TEST(CaseReader, AModelOfTheFolderComesBeforeTheCatalogs) {
  const TempFolder folder;
  std::ofstream(folder.path("cases.jsonl")) << kBurst << "\n";
  EXPECT_EQ(read_cases(folder.path()).at(0).model_path, "");
  std::filesystem::create_directories(folder.path("model_configs2/own-model"));
  std::ofstream(folder.path("model_configs2/own-model/config.json")) << "{}";
  EXPECT_TRUE(read_cases(folder.path()).at(0).model_path.ends_with("model_configs2/own-model"));
}

TEST(KvLogs, AreReadRowByRow) {
  const TempFolder folder;
  EXPECT_TRUE(read_kv_logs(folder.path()).empty());
  const std::string deployment =
      R"("family": "kv", "model": {"hf_id": "m"}, "hardware": {"gpu": "g"}, "engine": {"name": "vllm"})";
  std::ofstream(folder.path("kv.jsonl"))
      << R"({"id": "a", )" << deployment << R"(, "measured": {"kv_tokens": 32}, "complete": true})"
      << "\n"
      << R"({"id": "b", )" << deployment << R"(, "measured": {"kv_tokens_from_gib": 7}})"
      << "\n"
      << R"({"id": "c", )" << deployment << R"(, "measured": {"kv_tokens_at_most": 9}})"
      << "\n";
  const std::vector<KvLog> logs = read_kv_logs(folder.path());
  ASSERT_EQ(logs.size(), 3u);
  EXPECT_EQ(logs[0].tokens, 32);
  EXPECT_TRUE(logs[0].complete);
  EXPECT_NE(logs[1].deployment.problem.find("bytes_per_token_per_gpu"), std::string::npos);
  EXPECT_EQ(logs[2].at_most, 9);
  EXPECT_FALSE(logs[2].tokens);
}

TEST(RecordedRequests, MayHaveNoTimesAndFailWithoutATokenAndNothingElse) {
  const TempFolder folder;
  std::ofstream(folder.path("a.csv")) << "input_tokens,output_tokens,failed\n5,7,0\n0,0,1\n";
  const std::vector<RecordedRequest> requests = read_recorded(folder.path("a.csv"));
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].sent, Duration{0});
  EXPECT_TRUE(requests[1].failed);
  EXPECT_EQ(requests[1].output_tokens, 1);
  std::ofstream(folder.path("b.csv")) << "input_tokens,output_tokens\n5,0\n";
  EXPECT_THROW(read_recorded(folder.path("b.csv")), InputError);
}

TEST(RecordedRequests, SayHowTheClientHeldThemBack) {
  const std::vector<RecordedRequest> requests = read_recorded(kFolder + "/per_request/held-back.csv");
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(send_lag(requests), std::chrono::milliseconds(1800));
  EXPECT_EQ(most_in_flight(requests), 2);  // one ends at 2.0 s, when the third is sent
  EXPECT_NEAR(output_throughput(requests), 64 / 4.1, 1e-9);
}

TEST(RecordedRequests, WithoutAnEndHaveNoThroughput) {
  const TempFolder folder;
  std::ofstream(folder.path("a.csv")) << "arrival_s,input_tokens,output_tokens\n0,5,5\n";
  EXPECT_TRUE(std::isnan(output_throughput(read_recorded(folder.path("a.csv")))));
}

}  // namespace
}  // namespace blis
