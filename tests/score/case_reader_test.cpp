// Measured cases as they are read, and what is said about broken ones.
#include "tools/score/case_reader.h"

#include <gtest/gtest.h>

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

TEST_P(BrokenCases, AreReportedWithLineAndKey) {
  const TempFolder folder;
  std::ofstream(folder.path("generators.json")) << "{}";
  std::ofstream(folder.path("cases.jsonl")) << "\n" << GetParam().line << "\n";
  try {
    read_cases(folder.path());
    FAIL() << "accepted";
  } catch (const InputError& error) {
    const Problem& problem = error.problems().front();
    EXPECT_EQ(problem.place.line, 2);
    EXPECT_EQ(problem.message, GetParam().message);
  }
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
