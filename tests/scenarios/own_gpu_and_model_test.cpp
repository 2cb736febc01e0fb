// A GPU or a model of one's own: a file, a section of the scenario, a folder over the catalog, the Hugging
// Face cache.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "problems.h"
#include "scenarios/build.h"
#include "scenarios/catalog.h"
#include "scenarios/data_folder.h"
#include "scenarios/document_text.h"
#include "scenarios/hf_cache.h"
#include "scenarios/scenario.h"
#include "temp_folder.h"

namespace blis {
namespace {

const Place kHere{"s.yaml", 3, 8};
constexpr const char* kEntry =
    R"({"My-GPU": {"TFlopsPeak": 500, "BwPeakTBs": 2.5, "MemoryGiB": 64, "NumSMs": 100, "L2MiB": 40}})";

Catalog shipped() {
  return Catalog(BLIS_SOURCE_DIR);
}

std::string scenario(const std::string& gpu, const std::string& more = "") {
  return "version: 1\nmodel: llama-3.1-8b-instruct\nhardware: {gpu: " + gpu +
         "}\nengine: {max_model_len: 4096}\n" + more +
         "workload: {kind: synthetic, num_requests: 3, arrival: {process: poisson, request_rate: 1},\n"
         "  input_tokens: {distribution: constant, value: 10}, output_tokens: {distribution: constant, "
         "value: 2}}\n";
}

TEST(OwnGpu, OfAFileIsFoundBesideTheScenario) {
  const TempFolder folder;
  folder.write("gpus/mine.json", kEntry);
  const Hardware gpu = shipped().hardware("./gpus/mine.json", kHere, folder.path());
  EXPECT_EQ(gpu.name, "My-GPU");
  EXPECT_EQ(gpu.memory_gib, 64);
  folder.write("bare.json", R"({"TFlopsPeak": 500, "BwPeakTBs": 2.5})");
  EXPECT_EQ(shipped().hardware("bare.json", kHere, folder.path()).name, "bare");
}

TEST(OwnGpu, OfAFileMustBeOneEntry) {
  const TempFolder folder;
  folder.write("two.json",
               R"({"A": {"TFlopsPeak": 1, "BwPeakTBs": 1}, "B": {"TFlopsPeak": 1, "BwPeakTBs": 1}})");
  folder.write("none.json", "{}");
  folder.write("wrong.json", R"({"A": {"TFlopsPeak": 1, "BwPeakTB": 1}})");
  const auto said = [&](const char* name) {
    return said_by([&] { shipped().hardware(name, kHere, folder.path()); });
  };
  EXPECT_NE(said("two.json").all.find("2 entries where one GPU is meant"), std::string::npos);
  EXPECT_NE(said("none.json").all.find("0 entries where one GPU is meant"), std::string::npos);
  EXPECT_NE(said("wrong.json").all.find("did you mean `BwPeakTBs`"), std::string::npos)
      << said("wrong.json").all;
  EXPECT_EQ(said("absent.json").kind, ErrorKind::io);
}

TEST(OwnGpu, MayStandInTheScenarioAndSurvivesBeingWrittenOut) {
  const std::string inline_gpu =
      "{Mine: {TFlopsPeak: 500, BwPeakTBs: 2.5, MemoryGiB: 64, NumSMs: 100, L2MiB: 40}}";
  const ScenarioSettings s = parse_settings(scenario(inline_gpu), "s.yaml", "");
  const BuiltSimulation built = build(s, shipped());
  EXPECT_EQ(built.resolved.hardware.name, "Mine");
  const ScenarioSettings again = parse_settings(to_yaml(s, ""), "again.yaml", "");
  EXPECT_EQ(build(again, shipped()).resolved.hardware.bw_peak_tbs, 2.5);
}

TEST(OwnGpu, IsAskedOnlyForWhatTheLatencyModelUses) {
  const std::string gpu = R"({TFlopsPeak: 500, BwPeakTBs: 2.5, MemoryGiB: 64, NumSMs: 100})";
  EXPECT_NO_THROW(build(parse_settings(scenario(gpu), "s.yaml", ""), shipped()));
  const Said said = said_by(
      [&] { build(parse_settings(scenario(gpu, "latency: {model: roofline}\n"), "s.yaml", ""), shipped()); });
  EXPECT_NE(said.all.find("has no usable `BwEffConstant`"), std::string::npos) << said.all;
}

TEST(OwnData, LiesOverTheCatalogAndTheFirstFolderWins) {
  const TempFolder first, second;
  first.write("hardware_config.json", R"({"H100-SXM": {"TFlopsPeak": 1, "BwPeakTBs": 1}})");
  second.write(
      "hardware_config.json",
      R"({"H100-SXM": {"TFlopsPeak": 2, "BwPeakTBs": 1}, "New": {"TFlopsPeak": 3, "BwPeakTBs": 1}})");
  const Catalog catalog(find_data_folders(std::vector{first.path(), second.path()}));
  EXPECT_EQ(catalog.hardware("h100-sxm", kHere).tflops_peak, 1);
  EXPECT_EQ(catalog.hardware("New", kHere).tflops_peak, 3);
  EXPECT_GT(catalog.hardware("L40S", kHere).tflops_peak, 100);
  EXPECT_NO_THROW(catalog.model("llama-3.1-8b-instruct", "", kHere));
  const std::vector<Hardware> all = catalog.all_hardware();
  EXPECT_EQ(std::ranges::count(all, "H100-SXM", &Hardware::name), 1);
  EXPECT_EQ(all.size(), shipped().all_hardware().size() + 1);
}

TEST(OwnData, WithoutACatalogIsRefused) {
  const TempFolder empty;
  EXPECT_NE(said_by([&] { find_data_folders(std::vector{empty.path()}); }).all.find("this is no data folder"),
            std::string::npos);
}

class HuggingFaceCache : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("models--org--Own-8B/refs/main", "abc\n");
    std::filesystem::copy(std::string(BLIS_SOURCE_DIR) + "/model_configs/llama-3.1-8b-instruct/config.json",
                          made("models--org--Own-8B/snapshots/abc") / "config.json");
    ::setenv("HF_HUB_CACHE", folder_.path().c_str(), 1);
  }
  void TearDown() override { ::unsetenv("HF_HUB_CACHE"); }
  std::filesystem::path made(const std::string& name) const {
    const std::filesystem::path path = std::filesystem::path(folder_.path()) / name;
    std::filesystem::create_directories(path);
    return path;
  }
  const TempFolder folder_;
};

TEST_F(HuggingFaceCache, HoldsModelsThatWereDownloaded) {
  const ModelConfig model = shipped().model("org/Own-8B", "", kHere);
  EXPECT_EQ(model.name, "own-8b");
  ASSERT_EQ(model.remarks.size(), 1u);
  EXPECT_NE(model.remarks[0].find("snapshots/abc"), std::string::npos);
  EXPECT_NO_THROW(shipped().model(folder_.path() + "/models--org--Own-8B", "", kHere));
}

TEST_F(HuggingFaceCache, IsSearchedByTheSnapshotWrittenLastWhereNothingIsMain) {
  std::filesystem::remove(folder_.path() + "/models--org--Own-8B/refs/main");
  made("models--org--Own-8B/snapshots/empty");
  EXPECT_TRUE(cached_snapshot("org/Own-8B").ends_with("/snapshots/abc"));
  for (const char* const name : {"org/Other", "own-8b", "../org/x", "/etc/passwd", "a/b/c", ""}) {
    EXPECT_EQ(cached_snapshot(name), "") << name;
  }
}

TEST_F(HuggingFaceCache, AModelThatIsNowhereGetsTheCommandThatFetchesItsConfig) {
  const Said said = said_by([] { shipped().model("org/Nowhere-77B", "", kHere); });
  EXPECT_NE(said.all.find("`hf download org/Nowhere-77B config.json` fetches its config"), std::string::npos)
      << said.all;
}

}  // namespace
}  // namespace blis
