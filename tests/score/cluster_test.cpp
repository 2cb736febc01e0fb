// Benchmarks of clusters: what is read of them, how their loads are drawn, and how they are scored.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "scenarios/catalog.h"
#include "tests/scenarios/temp_folder.h"
#include "tools/score/cluster_score.h"
#include "tools/score/cluster_source.h"

namespace blis {
namespace {

const std::string kCase = R"({
 "id": "small", "model": {"hf_id": "meta-llama/Llama-3.1-8B-Instruct"},
 "topology": {"replicas": 2, "gpu": "H100-SXM"}, "engine": {"args": {"tensor_parallel_size": 2}},
 "kv": {"tokens_per_replica": 200000}, "router": {"kind": "kubernetes-service"},
 "load": {"type": "poisson", "trace_gap_s": 60, "data": {"type": "shared_prefix", "num_groups": 3,
   "num_prompts_per_group": 2, "system_prompt_len": 1000, "question_len": 100, "output_len": 50},
  "stages": [{"rate": 5, "num_requests": 6, "warm_up": true}, {"rate": 2, "num_requests": 20},
             {"rate": 4, "num_requests": 40}]},
 "measured": {"stages": [{"rate": 2, "output_tokens_per_sec": 100, "ttft_s": {"mean": 0.1, "p90": 0.2}},
                         {"rate": 4, "ttft_s": {"mean": 0.05}}]},
 "score": ["output_tokens_per_sec", "ttft_s.mean", "ttft_s.p90"]
})";

std::vector<ClusterCase> read(const std::string& text) {
  const TempFolder folder;
  folder.write("a.json", text);
  folder.write("b.json", "{\"id\": \"something else\"}");
  EXPECT_TRUE(is_cluster_folder(folder.path()));
  return read_cluster_cases(folder.path());
}

AccuracyOptions with_seeds(int seeds) {
  AccuracyOptions options;
  options.seeds = seeds;
  return options;
}

TEST(Cluster, ACaseIsReadWithWhatWasMeasuredAtEachRate) {
  const std::vector<ClusterCase> cases = read(kCase);
  ASSERT_EQ(cases.size(), 1u);
  const ClusterCase& c = cases[0];
  EXPECT_EQ(c.load.stages.size(), 3u);
  EXPECT_TRUE(c.load.stages[0].warm_up);
  EXPECT_EQ(c.load.stages[1].measured[0], 100);
  EXPECT_EQ(c.load.stages[1].measured[3], 0.2);
  EXPECT_EQ(c.load.stages[2].measured[2], 0.05);
  EXPECT_TRUE(std::isnan(c.load.stages[2].measured[0])) << "nobody published it";
  std::map<std::string, std::string> settings;
  for (const Override& o : c.settings) settings[o.key] = o.value;
  EXPECT_EQ(settings["engine.num_gpu_blocks_override"], "12500");
  EXPECT_EQ(settings["router.policy"], "random");
  EXPECT_EQ(settings["engine.tensor_parallel_size"], "2");
}

TEST(Cluster, AConnectorToHostMemoryIsItsSize) {
  std::string text = kCase;
  text.replace(
      text.find("\"tensor_parallel_size\": 2"), 25,
      "\"kv_transfer_config\": {\"kv_connector\": \"OffloadingConnector\", \"kv_connector_extra_config\": "
      "{\"cpu_bytes_to_use\": 214748364800}}");
  const ClusterCase c = read(text)[0];
  EXPECT_EQ(c.problem, "");
  const auto size = std::ranges::find(c.settings, "engine.kv_offloading_size", &Override::key);
  ASSERT_NE(size, c.settings.end());
  EXPECT_EQ(size->value, "200");
}

TEST(Cluster, WhatCannotBeSimulatedSaysWhy) {
  std::string text = kCase;
  text.replace(text.find("\"tensor_parallel_size\": 2"), 25, "\"kv_transfer_config\": {}");
  EXPECT_EQ(read(text)[0].problem, "`kv_transfer_config` of the engine is not simulated");
}

// All prompts once, in an order of their own, then again in the same; five hundred gaps are what the rate
// says.
TEST(Cluster, PromptsAreSentRoundAndRound) {
  ClusterLoad load = read(kCase)[0].load;
  load.stages = {{.rate = 10, .requests = 600}};
  ClusterSource source(load, 1);
  std::vector<std::pair<ContentId, ContentId>> sent;
  RequestSpec spec;
  while (source.next(spec)) {
    ASSERT_EQ(spec.prompt.size(), 2u);
    EXPECT_EQ(spec.prompt[0].tokens, 992) << "full blocks are shared";
    EXPECT_EQ(spec.prompt[1].tokens, 108);
    sent.emplace_back(spec.prompt[0].content, spec.prompt[1].content);
  }
  ASSERT_EQ(sent.size(), 600u);
  std::map<ContentId, int> groups;
  for (std::size_t i = 0; i < 6; ++i) ++groups[sent[i].first];
  EXPECT_EQ(groups.size(), 3u);
  for (std::size_t i = 6; i < sent.size(); ++i) ASSERT_EQ(sent[i], sent[i - 6]);
  EXPECT_NEAR(Seconds(since_start(spec.arrival)).count(), 60, 10);
}

TEST(Cluster, ErrorsAreMediansOverStagesOfEachSeed) {
  const std::vector<ClusterCase> cases = read(kCase);
  const Catalog catalog(BLIS_SOURCE_DIR);
  const std::vector<ClusterOutcome> outcomes = simulate_clusters(cases, catalog, with_seeds(2));
  ASSERT_EQ(outcomes[0].problem, "");
  ASSERT_EQ(outcomes[0].runs.size(), 2u);
  for (std::size_t seed = 0; seed < 2; ++seed) {
    const ClusterRun& run = outcomes[0].runs[seed];
    const double first = 100 * std::abs(run.stages[1][2] - 0.1) / 0.1;
    const double second = 100 * std::abs(run.stages[2][2] - 0.05) / 0.05;
    EXPECT_NEAR(errors_by_seed(outcomes[0], 2)[seed], (first + second) / 2, 1e-9);
    EXPECT_GT(run.stages[1][0], 0);
    EXPECT_GT(run.itl_ms, 0);
  }
  EXPECT_NE(outcomes[0].runs[0].stages[1][2], outcomes[0].runs[1].stages[1][2]) << "two draws";
  const std::string text = to_text(outcomes, true);
  EXPECT_NE(text.find("small\n"), std::string::npos) << text;
  EXPECT_NE(text.find("worst"), std::string::npos) << text;
  EXPECT_NE(to_json(outcomes).find("\"blis-cluster-accuracy/1\""), std::string::npos);
}

// llm-d's published benchmark: the picker by its file, and engines with the KV cache that was published.
TEST(Cluster, LlmdsPickerIsWithinWhatIsClaimed) {
  const std::string folder = BLIS_SOURCE_DIR "/../shared/fleet/targets";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no ../shared/fleet";
  std::vector<ClusterCase> cases = read_cluster_cases(folder);
  std::erase_if(cases, [](const ClusterCase& c) { return c.id != "t1-llmd"; });
  ASSERT_EQ(cases.size(), 1u);
  const Catalog catalog(BLIS_SOURCE_DIR);
  const std::vector<ClusterOutcome> outcomes = simulate_clusters(cases, catalog, with_seeds(1));
  EXPECT_LT(errors_by_seed(outcomes[0], 2)[0], 10);
  EXPECT_LT(errors_by_seed(outcomes[0], 3)[0], 8);
}

}  // namespace
}  // namespace blis
