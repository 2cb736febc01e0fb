#include "roofline/profile_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "blis/error.hpp"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

using testing::h100;
using testing::llama_8b;

ProfileTables made_up() {
  ProfileTables t;
  for (double tokens : {1.0, 64.0, 1024.0, 8192.0}) {
    t.layers.push_back({"qkv_proj", tokens, 10 + tokens * 0.1});
    t.layers.push_back({"o_proj", tokens, 10 + tokens * 0.1});
    t.layers.push_back({"gate_up_proj", tokens, 10 + tokens * 0.1});
    t.layers.push_back({"down_proj", tokens, 10 + tokens * 0.1});
    t.layers.push_back({"layernorm", tokens, 2});
    t.layers.push_back({"embedding", tokens, 5});
  }
  return t;
}

StepShape decodes(std::int64_t n, std::int64_t context) {
  StepShape s;
  s.decodes = s.decode_tokens = s.sampled = n;
  s.decode_context = s.window_context = n * context;
  s.graph_tokens = n;
  return s;
}

TEST(ProfileModel, AddsMeasuredLayersAndWhatTheTablesLack) {
  const ProfileModel profile(made_up(), llama_8b(), h100(), {});
  const CalibratedModel base(llama_8b(), h100(), {});
  const StepShape s = decodes(64, 1000);
  const double layers = 32 * (4 * 16.4 + 2 * 2) + 5;
  const double rest = base.attention_cost(s).total() + base.sampling_cost(64).total() + base.host_us(s);
  EXPECT_NEAR(profile.step(s).total.count() * 1e6, layers + rest, 1e-6);
}

TEST(ProfileModel, InterpolatesBetweenMeasuredSizes) {
  const ProfileModel profile(made_up(), llama_8b(), h100(), {});
  const CalibratedModel base(llama_8b(), h100(), {});
  auto layers = [&](std::int64_t n) {
    const StepShape s = decodes(n, 100);
    return profile.step(s).total.count() * 1e6 - base.attention_cost(s).total() -
           base.sampling_cost(n).total() - base.host_us(s);
  };
  EXPECT_NEAR(layers(256), 32 * (4 * 35.6 + 4) + 5, 1e-6) << "linear between 64 and 1024";
}

TEST(ProfileModel, MeasuredAttentionCorrectsTheModel) {
  ProfileTables t = made_up();
  const CalibratedModel base(llama_8b(), h100(), {});
  for (double n : {1.0, 8.0, 64.0}) {
    for (double c : {128.0, 1024.0, 8192.0}) {
      const double modelled = base.attention_cost(decodes(std::int64_t(n), std::int64_t(c))).total() / 32;
      t.attention.push_back({{0, 0, n, c}, 1.5 * modelled});
    }
  }
  const StepShape s = decodes(16, 2000);
  const double with = ProfileModel(t, llama_8b(), h100(), {}).step(s).total.count();
  const double without = ProfileModel(made_up(), llama_8b(), h100(), {}).step(s).total.count();
  EXPECT_NEAR((with - without) * 1e6, 0.5 * base.attention_cost(s).total(), 1e-3);
}

TEST(ProfileModel, StepTimesAloneAreEnough) {
  const CalibratedModel base(llama_8b(), h100(), {});
  ProfileTables t;
  for (double n : {1.0, 32.0, 128.0}) {
    t.steps.push_back({{0, 0, n, 512}, 1.2e6 * base.step(decodes(std::int64_t(n), 512)).total.count()});
  }
  const ProfileModel profile(t, llama_8b(), h100(), {});
  const StepShape s = decodes(64, 700);
  EXPECT_NEAR(profile.step(s).total / base.step(s).total, 1.2, 1e-6);
}

TEST(ProfileModel, RefusesTablesItCannotUse) {
  ProfileTables unknown = made_up(), missing, negative = made_up();
  unknown.layers.push_back({"qkv_prj", 1, 1});
  for (const LayerSample& s : made_up().layers) {
    if (s.layer != "down_proj") missing.layers.push_back(s);
  }
  negative.layers.push_back({"o_proj", 5, -1});
  for (const ProfileTables& t : {unknown, missing, negative, ProfileTables{}}) {
    EXPECT_THROW(ProfileModel(t, llama_8b(), h100(), {}), InputError);
  }
  EXPECT_THROW(ProfileModel(made_up(), testing::mixtral(), h100(), {}), InputError);
}

TEST(RatioGrid, GivesBackASampleOnANodeAndStaysWithinTheSamples) {
  const RatioSample samples[] = {{{0, 0, 8, 1024}, 0.5}, {{512, 0, 8, 1024}, 2.0}};
  const RatioGrid grid(samples);
  EXPECT_NEAR(grid.at({0, 0, 8, 1024}), 0.5, 1e-6);
  EXPECT_NEAR(grid.at({512, 0, 8, 1024}), 2.0, 1e-6);
  for (double p : {0.0, 3.0, 100.0, 512.0, 1e6}) {
    EXPECT_GE(grid.at({p, 0, 8, 1024}), 0.5 - 1e-6);
    EXPECT_LE(grid.at({p, 0, 8, 1024}), 2.0 + 1e-6);
  }
  EXPECT_EQ(RatioGrid({}).at({1, 2, 3, 4}), 1);
}

std::vector<std::vector<double>> read_csv(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::vector<double>> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::vector<double> row;
    std::stringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(std::atof(cell.c_str()));
    rows.push_back(row);
  }
  return rows;
}

// Half of a measured attention table predicts the other half.
TEST(ProfileModel, PredictsMeasuredAttentionItHasNotSeen) {
  const char* shared = std::getenv("BLIS_SHARED");
  const std::string folder =
      (shared ? std::string(shared) : std::string(BLIS_SOURCE_DIR "/../shared")) + "/latency/kernels/";
  const auto rows = read_csv(folder + "RTXPRO6000_Llama-3.1-8B_tp1_attention.csv");
  if (rows.empty()) GTEST_SKIP() << "no kernel tables in " << folder;
  const CalibratedModel base(llama_8b(), h100(), {});
  auto modelled = [&](const std::vector<double>& r) {
    const PrefillChunk chunk{static_cast<std::int32_t>(r[0]), static_cast<std::int32_t>(r[1]), true};
    StepShape s = decodes(static_cast<std::int64_t>(r[2]), static_cast<std::int64_t>(r[3]));
    if (r[0] > 0) s.prefills = {&chunk, 1}, s.prefill_tokens = chunk.new_tokens;
    return base.attention_cost(s).total() / 32;
  };
  std::vector<RatioSample> even;
  for (std::size_t i = 0; i < rows.size(); i += 2) {
    even.push_back({{rows[i][0], rows[i][1], rows[i][2], rows[i][3]}, rows[i][4] / modelled(rows[i])});
  }
  const RatioGrid grid(even);
  std::vector<double> off;
  for (std::size_t i = 1; i < rows.size(); i += 2) {
    const double predicted = grid.at({rows[i][0], rows[i][1], rows[i][2], rows[i][3]}) * modelled(rows[i]);
    off.push_back(std::abs(predicted / rows[i][4] - 1));
  }
  std::nth_element(off.begin(), off.begin() + static_cast<std::ptrdiff_t>(off.size() / 2), off.end());
  EXPECT_LT(off[off.size() / 2], 0.10) << "median, although the model underneath is of another GPU";
}

}  // namespace
}  // namespace blis
