#include "scenarios/latency_models.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "problems.h"
#include "roofline/seed_roofline.h"
#include "scenarios/build.h"
#include "scenarios/profile_reader.h"
#include "settings.h"
#include "temp_folder.h"

namespace blis {
namespace {

constexpr const char* kLatencyScenario =
    "version: 1\n"
    "model: llama-3.1-8b-instruct\n"
    "hardware: { gpu: H100 }\n"
    "workload: { kind: trace, path: t.csv }\n";

ResolvedScenario resolved_latency(const std::vector<std::string>& settings) {
  return blis::resolved(kLatencyScenario, settings);
}
std::string refusal(const std::vector<std::string>& settings) {
  return said_by([&] { make_latency_model(resolved_latency(settings)); }).all;
}

StepShape decode_batch(std::int64_t sequences, std::int64_t context) {
  StepShape shape;
  shape.decodes = shape.decode_tokens = shape.sampled = shape.graph_tokens = sequences;
  shape.decode_context = shape.window_context = sequences * context;
  return shape;
}
double micros(const ResolvedScenario& r, const StepShape& shape) {
  return make_latency_model(r)->step(shape).total.count() * 1e6;
}

constexpr const char* kCoefficients =
    "latency.coefficients={step_us: 1000, decode_token_us: 10, request_us: 2500}";

TEST(LatencyModels, TheDefaultIsCalibrated) {
  const ResolvedScenario r = resolved_latency({});
  EXPECT_EQ(r.latency->name, "calibrated");
  EXPECT_EQ(r.scenario.latency.model, "calibrated");
}

TEST(LatencyModels, RooflineIsTheSeedsFormula) {
  EXPECT_NEAR(micros(resolved_latency({"latency.model=roofline"}), decode_batch(32, 1024)), 8713, 1e-6);
}

TEST(LatencyModels, EveryRowPricesAStepAndEachSaysWhatItIs) {
  for (const LatencyModelRow& row : latency_models()) {
    EXPECT_FALSE(row.description.empty()) << row.name;
    if (row.profile) continue;  // needs files
    std::vector<std::string> settings{"latency.model=" + std::string(row.name)};
    if (row.coefficients) settings.push_back(kCoefficients);
    const ResolvedScenario r = resolved_latency(settings);
    EXPECT_GT(micros(r, decode_batch(8, 1000)), 0) << row.name;
    EXPECT_GE(*r.scenario.latency.host.api_ms, 0) << row.name;
  }
}

TEST(LatencyModels, BlackboxIsLinearInItsCoefficients) {
  const ResolvedScenario r = resolved_latency({"latency.model=blackbox", kCoefficients});
  EXPECT_NEAR(micros(r, decode_batch(32, 1024)), 1000 + 32 * 10, 1e-6);
  EXPECT_EQ(r.scenario.latency.host.api_ms, 2.5);
}

TEST(LatencyModels, HostTimesOfTheUserReplaceTheConstants) {
  const double before = micros(resolved_latency({"engine.async_scheduling=false"}), decode_batch(1, 100));
  const double after =
      micros(resolved_latency({"engine.async_scheduling=false", "latency.host.step_us=20000"}),
             decode_batch(1, 100));
  EXPECT_GT(after, before + 10'000);
}

TEST(LatencyModels, SamplingFromAPartCostsWhereClientsOrTheModelsMakersAskForIt) {
  const auto cost = [](const std::vector<std::string>& settings) {
    return micros(resolved_latency(settings), decode_batch(256, 1000));
  };
  const double greedy = cost({"workload.sampling.top_p=1"});
  EXPECT_GT(cost({"workload.sampling.top_k=50"}), greedy);
  EXPECT_EQ(cost({"workload.sampling.top_k=50"}), cost({}));  // generation_config.json has a top_p
  EXPECT_EQ(cost({"model=mixtral-8x7b-v0.1", "engine.tensor_parallel_size=2"}),
            cost({"model=mixtral-8x7b-v0.1", "engine.tensor_parallel_size=2", "workload.sampling.top_p=1"}));
}

TEST(LatencyModels, EachRefusesWhatItCannotPrice) {
  EXPECT_EQ(refusal({"latency.model=blackbox"}),
            "--set latency.model=blackbox: latency model `blackbox` needs coefficients\n"
            "  hint:     give `latency.coefficients: { step_us: ..., prefill_token_us: ..., decode_token_us: "
            "... }`");
  EXPECT_NE(refusal({"latency.model=profile"}).find("needs measured tables"), std::string::npos);
  EXPECT_NE(refusal({kCoefficients}).find("`calibrated` takes no coefficients"), std::string::npos);
  EXPECT_NE(refusal({"latency.profile=x.csv"}).find("`calibrated` reads no profile"), std::string::npos);
}

TEST(LatencyModels, ProfilesAreReadFromTheScenariosFolder) {
  const TempFolder folder;
  folder.write("steps.csv",
               "prefill_chunk,kv_prefill,n_decode,kv_decode,step_us\n0,0,8,1000,9000\n512,0,0,0,12000\n");
  const ResolvedScenario r = resolved_latency({"latency.model=profile", "latency.profile=" + folder.path()});
  EXPECT_NEAR(micros(r, decode_batch(8, 1000)), 9000, 900);
}

TEST(ProfileReader, TellsTablesApartByTheirColumns) {
  const TempFolder folder;
  folder.write("RTX_dense.csv", "layer,tokens,time_us\nqkv_proj,1,5.5\nqkv_proj,2,6\n");
  folder.write("RTX_attention.csv", "prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n0,0,4,128,12\n");
  const ProfileTables pair = read_profile(folder.path("RTX_dense.csv"));
  ASSERT_EQ(pair.layers.size(), 2u);
  EXPECT_EQ(pair.layers[1].layer, "qkv_proj");
  EXPECT_EQ(pair.layers[1].tokens, 2);
  ASSERT_EQ(pair.attention.size(), 1u) << "the second table of the pair";
  EXPECT_EQ(pair.attention[0].at.decodes, 4);
  EXPECT_EQ(pair.attention[0].at.decode_context, 128);
  EXPECT_TRUE(pair.steps.empty());
  EXPECT_TRUE(read_profile(folder.path("RTX_attention.csv")).layers.empty());
}

TEST(ProfileReader, RefusesBrokenTablesWithTheirPlace) {
  const TempFolder folder;
  const auto head = [&](const std::string& text) {
    const std::string path = folder.write("t.csv", text);
    return said_by([&] { read_profile(path); }).heads.at(0).substr(path.size());
  };
  EXPECT_EQ(head("layer,tokens,time_us\nqkv_proj,1,0\n").substr(0, 7), ":2:12: ");
  EXPECT_EQ(head("layer,tokens,time_us\nqkv_proj,-1,3\n").substr(0, 7), ":2:10: ");
  EXPECT_EQ(said_by([&] { read_profile(folder.path("none.csv")); }).kind, ErrorKind::io);
  const TempFolder empty;
  EXPECT_EQ(said_by([&] { read_profile(empty.path()); }).heads.at(0),
            empty.path() + ": no profile in this folder");
}

}  // namespace
}  // namespace blis
