#include "roofline/seed_roofline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "blis/error.hpp"
#include "roofline/seed_work.h"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

using testing::a100;
using testing::h100;
using testing::llama2_7b;
using testing::llama_70b;
using testing::llama_8b;

struct SeedBatch {
  std::vector<PrefillChunk> prefills;
  std::int64_t decodes = 0;
  std::int64_t context = 0;  // of each decode

  StepShape shape() const {
    StepShape s;
    s.prefills = prefills;
    for (const PrefillChunk& p : prefills) s.prefill_tokens += p.new_tokens;
    s.decodes = s.decode_tokens = decodes;
    s.decode_context = s.window_context = decodes * context;
    s.sampled = decodes + static_cast<std::int64_t>(prefills.size());
    return s;
  }
};

const SeedBatch kPrefill512{{{512, 0, true}}};
const SeedBatch kDecode32{{}, 32, 1024};
const SeedBatch kBoth{{{512, 0, true}}, 32, 1024};
const SeedBatch kSecondChunk{{{512, 512, true}}};
const SeedBatch kNothing{};

long long micros(const SeedRoofline& model, const SeedBatch& batch) {
  return std::llround(model.step(batch.shape()).total.count() * 1e6);
}

struct Vector {
  const char* name;
  ModelFacts model;
  Hardware gpu;
  int tp;
  SeedBatch batch;
  long long us;
};

std::vector<Vector> vectors() {
  std::vector<Vector> v;
  auto add = [&](const char* name, const ModelFacts& m, const Hardware& g, const SeedBatch& batch,
                 std::vector<std::pair<int, long long>> by_tp) {
    for (auto [tp, us] : by_tp) v.push_back({name, m, g, tp, batch, us});
  };
  add("8b prefill", llama_8b(), h100(), kPrefill512, {{1, 12367}, {2, 8033}, {4, 5227}, {8, 3823}});
  add("8b decode", llama_8b(), h100(), kDecode32, {{1, 8713}, {2, 6207}, {4, 4313}, {8, 3367}});
  add("8b mixed", llama_8b(), h100(), kBoth, {{1, 19940}, {2, 11820}, {4, 7120}, {8, 4770}});
  add("8b second chunk", llama_8b(), h100(), kSecondChunk, {{1, 12594}, {2, 8147}});
  add("8b nothing", llama_8b(), h100(), kNothing, {{1, 1140}, {2, 2420}, {4, 2420}, {8, 2420}});
  add("a100 prefill", llama_8b(), a100(), kPrefill512, {{1, 36745}, {2, 20222}});
  add("a100 decode", llama_8b(), a100(), kDecode32, {{1, 13582}, {2, 8641}});
  add("a100 mixed", llama_8b(), a100(), kBoth, {{1, 49187}, {2, 26443}});
  add("a100 second chunk", llama_8b(), a100(), kSecondChunk, {{1, 37465}, {2, 20583}});
  add("7b prefill", llama2_7b(), h100(), kPrefill512, {{1, 11565}, {2, 7633}, {4, 5026}});
  add("7b decode", llama2_7b(), h100(), kDecode32, {{1, 13643}, {2, 8671}, {4, 5546}});
  add("7b mixed", llama2_7b(), h100(), kBoth, {{1, 24068}, {2, 13884}, {4, 8152}});
  add("70b prefill", llama_70b(), h100(), kPrefill512, {{1, 111655}, {2, 60077}, {4, 32689}, {8, 18994}});
  add("70b decode", llama_70b(), h100(), kDecode32, {{1, 63332}, {2, 35916}, {4, 20608}, {8, 12954}});
  add("70b mixed", llama_70b(), h100(), kBoth, {{1, 172887}, {2, 90693}, {4, 47997}, {8, 26648}});
  for (auto [batch, us] : std::vector<std::pair<std::int64_t, long long>>{{1, 6983},
                                                                          {8, 7374},
                                                                          {16, 7820},
                                                                          {32, 8713},
                                                                          {64, 10499},
                                                                          {87, 11783},
                                                                          {88, 11888},
                                                                          {128, 16773},
                                                                          {256, 32406}}) {
    v.push_back({"8b decode batch", llama_8b(), h100(), 1, SeedBatch{{}, batch, 1024}, us});
  }
  for (auto [n, us] : std::vector<std::pair<std::int32_t, long long>>{{1, 6927},
                                                                      {16, 6930},
                                                                      {128, 6948},
                                                                      {512, 12367},
                                                                      {1024, 23820},
                                                                      {2048, 47410},
                                                                      {4096, 97315},
                                                                      {8192, 208035}}) {
    v.push_back({"8b prefill length", llama_8b(), h100(), 1, SeedBatch{{{n, 0, true}}}, us});
  }
  return v;
}

TEST(SeedRoofline, ReproducesThePublishedVectorsToTheMicrosecond) {
  for (const Vector& v : vectors()) {
    const SeedRoofline model(v.model, v.gpu, v.tp);
    EXPECT_EQ(micros(model, v.batch), v.us) << v.name << " TP" << v.tp << " decodes " << v.batch.decodes;
  }
}

TEST(SeedWork, HasThePublishedBuildingBlocks) {
  const seed::Shape m = seed::shape_of(llama_8b());
  EXPECT_EQ(seed::weight_bytes(m).value, 13'958'643'712.0);
  EXPECT_EQ(seed::kv_growth_bytes(m, 1).value, 131'072.0);
  EXPECT_EQ(seed::activation_bytes(m, 1).value, 262'144.0);
  EXPECT_NEAR(seed::projection_flops(m, 512).value, 1.37439e12, 1e7);
  EXPECT_NEAR(seed::score_flops(m, 512 * 255.5).value, 6.85853e10, 1e5);
  EXPECT_NEAR(seed::mlp_flops(m, 512).value, 5.77244e12, 1e7);
  EXPECT_NEAR(seed::gemm_flops(m, {512, 0}).value, 7.215411e12, 1e6);
  EXPECT_NEAR(seed::vector_flops(m, {512, 0}).value, 8.03996e8, 1e3);
  EXPECT_NEAR(seed::gemm_flops(m, {1, 1024}).value, 1.449551e10, 1e4);
  EXPECT_NEAR(seed::vector_flops(m, {1, 1024}).value, 5.505e6, 1e3);
  EXPECT_EQ(seed::kv_access_bytes(m, 1024).value, 134'217'728.0);
}

TEST(SeedWork, AttentionAddsOverChunksExactly) {
  const seed::Shape m = seed::shape_of(llama_8b());
  const double whole = seed::gemm_flops(m, {1024, 0}).value;
  EXPECT_EQ(whole, 14'568'260'632'576.0);
  EXPECT_EQ(whole, seed::gemm_flops(m, {512, 0}).value + seed::gemm_flops(m, {512, 512}).value);
}

TEST(SeedRoofline, IgnoresHeadDimAsTheSeedDoes) {
  ModelFacts wide = llama_8b();
  wide.head_dim = 256;
  EXPECT_EQ(micros({wide, h100(), 1}, kDecode32), micros({llama_8b(), h100(), 1}, kDecode32));
}

TEST(SeedRoofline, PartsSumToTheTotal) {
  for (const Vector& v : vectors()) {
    const StepCost c = SeedRoofline(v.model, v.gpu, v.tp).step(v.batch.shape());
    double sum = 0;
    for (const CostPartRow& row : kCostParts) sum += c[row.part].count();
    EXPECT_NEAR(sum, c.total.count(), 1e-12) << v.name;
  }
}

TEST(SeedRoofline, ExplainsTheVeryTimeItCharges) {
  for (const Vector& v : vectors()) {
    const SeedRoofline model(v.model, v.gpu, v.tp);
    const StepShape shape = v.batch.shape();
    const StepExplanation e = model.explain(shape);
    EXPECT_EQ(e.cost.total, model.step(shape).total);
    double us = 0;
    for (const StepTerm& t : e.terms) {
      if (t.name == "prefill_us" || t.name == "decode_us" || t.name == "overhead_us" ||
          t.name == "all_reduce_us") {
        us += t.value;
      }
    }
    EXPECT_NEAR(us, e.cost.total.count() * 1e6, 0.5 + 1e-6) << v.name;
  }
}

TEST(SeedRoofline, RefusesExpertsAndNamesTheModelThatPricesThem) {
  try {
    SeedRoofline(testing::mixtral(), h100(), 1);
    FAIL() << "accepted a model with experts";
  } catch (const InputError& e) {
    EXPECT_NE(std::string(e.what()).find("experts"), std::string::npos);
    EXPECT_NE(e.problems().front().hint.find("calibrated"), std::string::npos);
  }
}

TEST(SeedRoofline, RefusesAFigureThatIsMissingOrNotANumber) {
  for (double bad : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    Hardware no_peak = h100(), no_bandwidth = h100(), no_mfu = h100();
    no_peak.tflops_peak = bad;
    no_bandwidth.bw_peak_tbs = bad;
    no_mfu.mfu_decode = bad;
    EXPECT_THROW(SeedRoofline(llama_8b(), no_peak, 1), InputError);
    EXPECT_THROW(SeedRoofline(llama_8b(), no_bandwidth, 1), InputError);
    EXPECT_THROW(SeedRoofline(llama_8b(), no_mfu, 1), InputError);
  }
  EXPECT_THROW(SeedRoofline(llama_8b(), h100(), 0), InputError);
}

}  // namespace
}  // namespace blis
