// What makes points the same on every machine, and how they are dealt out.
#include "tools/study/compare/shard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/scenarios/temp_folder.h"
#include "tests/study/small_scenario.h"
#include "tools/study/compare/point_name.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

class Shards : public testing::Test {
 protected:
  Shards() { folder_.write("a.yaml", small_scenario(40)); }

  std::vector<PointResult> points(const std::string& rest,
                                  const Catalog& catalog = Catalog(BLIS_SOURCE_DIR)) {
    const Sweep sweep = parse_sweep("version: 1\nbase: a.yaml\n" + rest, "sweep.yaml", folder_.path());
    return prepare_points(sweep, expand(sweep), catalog, 2);
  }
  std::string name(const std::string& set, const std::string& data = BLIS_SOURCE_DIR) {
    const Catalog catalog(data);
    PointNames names(catalog);
    return names.name(*points("set: { " + set + " }\n", catalog)[0].resolved);
  }
  // A folder of catalogs of its own, with what the scenario uses.
  std::string data_folder() {
    const fs::path from = BLIS_SOURCE_DIR;
    const fs::path to = folder_.path("data");
    fs::create_directories(to / "model_configs");
    for (const char* const file : {"hardware_config.json", "accuracy_bands.json"}) {
      fs::copy_file(from / file, to / file, fs::copy_options::overwrite_existing);
    }
    fs::copy(from / "model_configs/llama-3.1-8b-instruct", to / "model_configs/llama-3.1-8b-instruct",
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    return to.string();
  }

  TempFolder folder_;
};

const std::string kRow = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:00:00.0000000,100,10\n";

TEST_F(Shards, ACopiedTraceIsTheSamePoint) {
  folder_.write("t.csv", kRow);
  const std::string before = name("workload: { kind: trace, path: t.csv }");
  folder_.write("elsewhere/u.csv", kRow);
  EXPECT_EQ(name("workload: { kind: trace, path: elsewhere/u.csv }"), before);
  fs::last_write_time(folder_.path("t.csv"), fs::file_time_type::clock::now() - std::chrono::hours(30));
  EXPECT_EQ(name("workload: { kind: trace, path: t.csv }"), before) << "its age says nothing";
  folder_.write("t.csv", kRow + "2023-11-16 18:00:01.0000000,100,10\n");
  EXPECT_NE(name("workload: { kind: trace, path: t.csv }"), before);
}

TEST_F(Shards, OnlyTheEntriesOfTheCatalogsThatAreUsedCount) {
  const std::string data = data_folder();
  const std::string before = name("replicas: 1");
  EXPECT_EQ(name("replicas: 1", data), before) << "a copied catalog is the same one";

  fs::create_directories(data + "/model_configs/another");
  folder_.write("data/model_configs/another/config.json", "{}");
  std::string hardware = contents(data + "/hardware_config.json");
  hardware.replace(hardware.find('{'), 1, "{ \"ANOTHER\": {},");
  folder_.write("data/hardware_config.json", hardware);
  folder_.write("data/accuracy_bands.json", contents(data + "/accuracy_bands.json") + "\n");
  EXPECT_EQ(name("replicas: 1", data), before) << "bands say nothing of a black box";

  const std::string config = contents(data + "/model_configs/llama-3.1-8b-instruct/config.json");
  folder_.write("data/model_configs/llama-3.1-8b-instruct/config.json", config + " ");
  EXPECT_NE(name("replicas: 1", data), before);
}

TEST_F(Shards, TheGpusOfAllPoolsCount) {
  const std::string data = data_folder();
  folder_.write("a.yaml", contents(BLIS_SOURCE_DIR "/scenarios/two-kinds-of-gpu.yaml"));
  const std::string pools = "engine.max_num_seqs: 64";
  const std::string before = name(pools, data);
  EXPECT_EQ(before, name(pools));
  std::string hardware = contents(data + "/hardware_config.json");
  const std::size_t entry = hardware.find("\"H100-SXM\"");  // the second pool's
  const std::size_t key = hardware.find("\"mfuDecode\":", entry);
  ASSERT_NE(key, std::string::npos);
  hardware.insert(hardware.find_first_of("0123456789", key) + 2, "0");
  folder_.write("data/hardware_config.json", hardware);
  EXPECT_NE(name(pools, data), before);
}

TEST_F(Shards, ErrorBandsCountForWhatTheyAreOf) {
  const std::string data = data_folder();
  const std::string scored = "latency: { model: calibrated }";
  EXPECT_EQ(name(scored, data), name(scored));
  folder_.write("data/accuracy_bands.json", contents(data + "/accuracy_bands.json") + "\n");
  EXPECT_NE(name(scored, data), name(scored));
}

TEST_F(Shards, EveryPointIsDealtOnceAndTheLoadsAreEven) {
  const auto grid = points(
      "product: { workload.num_requests: [10, 200, 3000, 40], workload.arrival.request_rate: [1, 5, 20], "
      "replicas: [1, 2, 3, 4] }\n");
  double total = 0, dearest = 0;
  for (const PointResult& point : grid) {
    total += predicted_cost(*point.resolved);
    dearest = std::max(dearest, predicted_cost(*point.resolved));
  }
  for (const std::size_t shards : {1U, 2U, 5U, 48U, 100U}) {
    const std::vector<std::size_t> shard_of = deal(grid, shards);
    ASSERT_EQ(shard_of.size(), grid.size());
    std::vector<double> loads(shards);
    for (std::size_t i = 0; i < grid.size(); ++i) {
      ASSERT_LT(shard_of[i], shards);
      loads[shard_of[i]] += predicted_cost(*grid[i].resolved);
    }
    // What dealing the dearest first to the least loaded guarantees (Graham 1969).
    EXPECT_LE(std::ranges::max(loads), total / static_cast<double>(shards) + dearest) << shards;
  }
}

TEST_F(Shards, EqualPointsAreDealtInTurn) {
  EXPECT_EQ(deal(points("product: { engine.max_num_seqs: [1, 2, 3, 4, 5] }\n"), 2),
            (std::vector<std::size_t>{0, 1, 0, 1, 0}));
}

TEST_F(Shards, AtALowRateARequestSharesItsStepsWithFewer) {
  const auto grid = points("product: { workload.arrival.request_rate: [0.1, 50] }\n");
  EXPECT_GT(predicted_cost(*grid[0].resolved), predicted_cost(*grid[1].resolved));
}

}  // namespace
}  // namespace blis
