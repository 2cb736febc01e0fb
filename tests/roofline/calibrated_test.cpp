#include "roofline/calibrated.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "blis/error.hpp"
#include "roofline/cuda_graphs.h"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

using testing::a100;
using testing::deepseek_v3;
using testing::h100;
using testing::llama_70b;
using testing::llama_8b;
using testing::mixtral;

struct Batch {
  std::vector<PrefillChunk> prefills{};
  std::int64_t decodes = 0;
  std::int64_t context = 0;  // of each decode
  std::int64_t graph_tokens = 0;

  StepShape shape() const {
    StepShape s;
    s.prefills = prefills;
    for (const PrefillChunk& p : prefills) s.prefill_tokens += p.new_tokens;
    s.decodes = s.decode_tokens = decodes;
    s.decode_context = s.window_context = decodes * context;
    s.sampled = decodes + static_cast<std::int64_t>(prefills.size());
    s.graph_tokens = graph_tokens;
    return s;
  }
};

double us(const LatencyModel& model, const Batch& batch) {
  return model.step(batch.shape()).total.count() * 1e6;
}

int pick(std::initializer_list<int> values) {
  return *rc::gen::elementOf(std::vector<int>(values));
}

Batch any_batch(bool prefills = true) {
  Batch b;
  const int chunks = prefills ? *rc::gen::inRange(0, 4) : 0;
  for (int i = 0; i < chunks; ++i)
    b.prefills.push_back({*rc::gen::inRange(1, 2000), *rc::gen::inRange(0, 8000), true});
  b.decodes = *rc::gen::inRange(b.prefills.empty() ? 1 : 0, 300);
  b.context = *rc::gen::inRange(1, 8000);
  return b;
}

ModelFacts any_model() {
  ModelFacts m = testing::dense_model("random", *rc::gen::inRange(1, 81), pick({1024, 4096, 5120, 8192}),
                                      pick({16, 32, 64}), pick({2, 4, 8, 16}), pick({2816, 11008, 28672}),
                                      pick({32000, 128256}));
  m.head_dim = pick({64, 128});
  if (*rc::gen::arbitrary<bool>()) {
    m.moe = MoeConfig{
        .experts = pick({8, 64, 128}), .experts_per_token = pick({1, 2, 8}), .ffn = pick({768, 2048, 14336})};
    m.moe->shared_ffn = pick({0, 2048});
    m.moe->dense_prefix_layers = std::min(m.layers - 1, pick({0, 1, 3}));
  }
  if (*rc::gen::arbitrary<bool>())
    m.window = WindowConfig{.tokens = pick({128, 4096}), .layers = m.layers / 2};
  m.quantization.format = static_cast<WeightFormat>(*rc::gen::inRange(0, 8));
  m.quantization.activation_bits = pick({4, 8, 16});
  return m;
}

Hardware any_gpu() {
  Hardware h = *rc::gen::arbitrary<bool>() ? h100() : a100();
  h.compute_capability = pick({80, 89, 90, 100, 120}) / 10.0;
  h.nvlink_gbs = pick({0, 300, 900});
  return h;
}

Parallelism any_split(const ModelFacts& m) {
  Parallelism p{.tensor = pick({1, 2, 4}), .pipeline = m.layers >= 2 ? pick({1, 2}) : 1};
  p.expert_parallel = m.moe && *rc::gen::arbitrary<bool>();
  p.data = p.expert_parallel ? pick({1, 2}) : 1;
  return p;
}

void expect_property(const std::function<void()>& body) {
  EXPECT_TRUE(rc::check(body));  // prints the seed and the smallest failure
}

// FLOPs of matrix products and attention that the step cannot do without, on one GPU.
double least_flops(const ModelFacts& m, const Parallelism& p, const Batch& b) {
  const Stage stage = pipeline_stages(m, p.pipeline).front();
  ParameterCount n = parameters_on_gpu(m, p, stage);
  double tokens = static_cast<double>(b.decodes);
  double pairs = static_cast<double>(b.decodes * b.context);
  for (const PrefillChunk& c : b.prefills) {
    tokens += c.new_tokens;
    pairs += static_cast<double>(c.new_tokens) * (c.context + c.new_tokens / 2.0);
  }
  const double full_layers = m.window ? stage.layers - (stage.layers + 1) / 2 : stage.layers;
  const double attention = 4.0 * full_layers * heads_on_rank(m.heads, p.tensor) * m.head_dim * pairs;
  return 2 * tokens * (n.attention + n.dense_mlp) + attention;
}

TEST(CalibratedModel, NeverBeatsTheRoofline) {
  expect_property([] {
    const ModelFacts m = any_model();
    const Hardware gpu = any_gpu();
    const Parallelism p = any_split(m);
    const Batch b = any_batch();
    const double time = us(CalibratedModel(m, gpu, p), b) * 1e-6;
    const double peak = std::max({gpu.tflops_peak, gpu.tflops_fp8, gpu.tflops_int8, gpu.tflops_fp4}) * 1e12;
    RC_ASSERT(time >= least_flops(m, p, b) / peak);

    const Stage stage = pipeline_stages(m, p.pipeline).front();
    ModelFacts dense_part = m;
    if (dense_part.moe) dense_part.moe->experts = 1, dense_part.moe->experts_per_token = 1;
    const ParameterCount n = parameters_on_gpu(m, p, stage);
    const double bits = bits_per_weight(m.quantization.format, m.dtype_bytes, 0);
    RC_ASSERT(time >= (n.attention + n.dense_mlp) * bits / 8 / (gpu.bw_peak_tbs * 1e12));

    const double full_layers = m.window ? stage.layers - (stage.layers + 1) / 2 : stage.layers;
    const double kv = kv_bytes_per_token_and_layer(m, p.tensor, 0) * full_layers *
                      static_cast<double>(b.decodes * b.context);
    RC_ASSERT(time >= kv / (gpu.bw_peak_tbs * 1e12));
  });
}

TEST(CalibratedModel, GrowsWithTokensAndContext) {
  expect_property([] {
    const CalibratedModel model = [] {
      const ModelFacts m = any_model();
      return CalibratedModel(m, any_gpu(), any_split(m));
    }();
    const Batch b = any_batch();
    const double base = us(model, b);
    RC_ASSERT(base > 0);
    Batch more = b;
    more.decodes += *rc::gen::inRange(1, 50);
    RC_ASSERT(us(model, more) >= base * (1 - 1e-12));
    more = b;
    more.context += *rc::gen::inRange(1, 1000);
    RC_ASSERT(us(model, more) >= base * (1 - 1e-12));
    more = b;
    more.prefills.push_back({*rc::gen::inRange(1, 500), *rc::gen::inRange(0, 5000), true});
    RC_ASSERT(us(model, more) >= base * (1 - 1e-12));
    if (b.prefills.empty()) return;
    more = b;
    more.prefills[0].new_tokens += *rc::gen::inRange(1, 500);
    RC_ASSERT(us(model, more) >= base * (1 - 1e-12));
    more = b;
    more.prefills[0].context += *rc::gen::inRange(1, 3000);
    RC_ASSERT(us(model, more) >= base * (1 - 1e-12));
  });
}

// Sums of other terms that are as large.
constexpr double kRounding = 1 - 1e-12;

TEST(CalibratedModel, GrowsWithTheModel) {
  expect_property([] {
    const ModelFacts m = any_model();
    const Hardware gpu = any_gpu();
    const Parallelism p = any_split(m);
    const Batch b = any_batch();
    const double base = us(CalibratedModel(m, gpu, p), b);
    ModelFacts larger = m;
    larger.ffn += 1024;
    RC_ASSERT(us(CalibratedModel(larger, gpu, p), b) >= base * kRounding);
    larger = m;
    larger.vocab += 4096;
    RC_ASSERT(us(CalibratedModel(larger, gpu, p), b) >= base * kRounding);
    larger = m;
    larger.hidden += 512;
    RC_ASSERT(us(CalibratedModel(larger, gpu, p), b) >= base * kRounding);
    if (p.pipeline > 1) return;  // a layer more can change which stage is the slowest
    larger = m;
    larger.layers += 1;
    if (larger.window) larger.window->layers = m.window->layers;
    RC_ASSERT(us(CalibratedModel(larger, gpu, p), b) >= base * kRounding);
  });
}

TEST(CalibratedModel, IsSlowerOnSlowerHardware) {
  expect_property([] {
    const ModelFacts m = any_model();
    const Hardware gpu = any_gpu();
    const Parallelism p = any_split(m);
    const Batch b = any_batch();
    const double base = us(CalibratedModel(m, gpu, p), b);
    Hardware slower = gpu;
    const double factor = pick({2, 5, 10}) / 10.0 * 0.99;
    slower.tflops_peak *= factor, slower.tflops_fp8 *= factor, slower.tflops_int8 *= factor;
    RC_ASSERT(us(CalibratedModel(m, slower, p), b) >= base * kRounding);
    slower = gpu;
    slower.bw_peak_tbs *= factor;
    RC_ASSERT(us(CalibratedModel(m, slower, p), b) >= base * kRounding);
    slower = gpu;
    slower.nvlink_gbs *= factor, slower.pcie_gbs *= factor, slower.inter_node_gbs *= factor;
    RC_ASSERT(us(CalibratedModel(m, slower, p), b) >= base * kRounding);
  });
}

// The GPU's own rates double; what is fixed in time is set to nothing.
TEST(CalibratedModel, TwiceTheRatesHalveTheTimeBeyondItsConstants) {
  expect_property([] {
    ModelFacts m = any_model();
    // Unpacking 4-bit weights follows the clock, which no rate of the data sheet stands for.
    if (bits_per_weight(m.quantization.format, 2, 0) < 8) m.quantization.format = WeightFormat::native;
    Parallelism p = any_split(m);
    p.pipeline = 1;  // which stage is the slowest can change
    const Batch b = any_batch();
    Hardware gpu = any_gpu();
    KernelConstants k;
    for (const KernelConstantRow& row : kernel_constant_rows()) {
      if (row.key.ends_with("_us")) row.at(k) = 0;
    }
    gpu.calibrated = k;
    Hardware twice = gpu;
    twice.tflops_peak *= 2, twice.tflops_fp8 *= 2, twice.tflops_int8 *= 2, twice.tflops_fp4 *= 2;
    twice.bw_peak_tbs *= 2, twice.nvlink_gbs *= 2, twice.pcie_gbs *= 2, twice.inter_node_gbs *= 2;
    StepShape shape = b.shape();
    shape.sampled = 0;  // sampling was measured on one GPU and scales with the root of bandwidth
    auto moving = [&](const Hardware& h) {
      const StepCost c = CalibratedModel(m, h, p).step(shape);
      return (c.total - c[CostPart::launch] - c[CostPart::host]).count();
    };
    RC_ASSERT(std::abs(moving(twice) - moving(gpu) / 2) <= 1e-9 * moving(gpu));
  });
}

TEST(CalibratedModel, MoreRanksNeverCostMemoryTime) {
  expect_property([] {
    ModelFacts m = any_model();
    m.kv_heads = 8, m.heads = 32;
    const Hardware gpu = any_gpu();
    const Batch b = any_batch(false);
    // The part that reads weights or the cache, whichever of the two a kernel books it under.
    auto memory = [&](int tp) {
      const StepCost c = CalibratedModel(m, gpu, {.tensor = tp}).step(b.shape());
      return (c.total - c[CostPart::communication] - c[CostPart::launch] - c[CostPart::host]).count();
    };
    RC_ASSERT(memory(2) <= memory(1) * (1 + 1e-9));
    RC_ASSERT(memory(4) <= memory(2) * (1 + 1e-9));
  });
}

TEST(CalibratedModel, PartsSumToTheTotalAndTheExplanationAgrees) {
  expect_property([] {
    const ModelFacts m = any_model();
    const CalibratedModel model(m, any_gpu(), any_split(m));
    const Batch b = any_batch();
    const StepCost c = model.step(b.shape());
    double sum = 0;
    for (const CostPartRow& row : kCostParts) {
      RC_ASSERT(c[row.part].count() >= 0);
      sum += c[row.part].count();
    }
    RC_ASSERT(std::abs(sum - c.total.count()) <= 1e-12 * c.total.count());
    RC_ASSERT(model.explain(b.shape()).cost.total == c.total);
  });
}

TEST(CalibratedModel, ExplainsTheLayersItAddsUp) {
  const CalibratedModel model(llama_70b(), h100(), {.tensor = 4});
  const Batch b{{}, 32, 1000, 32};
  double layer = 0, total = 0;
  for (const StepTerm& t : model.explain(b.shape()).terms) {
    if (t.name.starts_with("layer_") && t.unit == "us") layer += t.value;
    if (t.name == "attention_us") layer += t.value;
    if (t.name == "head_and_sampling_us" || t.name == "host_us") total += t.value;
  }
  EXPECT_NEAR(80 * layer + total, us(model, b), 1e-6);
}

TEST(CalibratedModel, AnEmptyStepCostsTheHostOnly) {
  const CalibratedModel model(llama_8b(), h100(), {});
  const StepCost c = model.step(StepShape{});
  EXPECT_EQ(c.total, c[CostPart::host]);
  EXPECT_NEAR(c.total.count(), HostConstants{}.step_us * 1e-6, 1e-12);
}

TEST(CalibratedModel, WithoutAsynchronousSchedulingTheHostShows) {
  const Batch b{{}, 8, 500, 8};
  CalibratedOptions sync;
  sync.async_scheduling = false;
  EXPECT_NEAR(
      us(CalibratedModel(llama_8b(), h100(), {}, sync), b) - us(CalibratedModel(llama_8b(), h100(), {}), b),
      HostConstants{}.sync_us + 8 * HostConstants{}.sync_per_sequence_us, 1e-6);
}

TEST(CalibratedModel, SortingTheVocabularyCostsByRowAndEntry) {
  const Batch b{{}, 64, 500, 64};
  CalibratedOptions sort;
  sort.top_p_or_k = sort.sort_to_sample = true;
  const CalibratedModel sorting(llama_8b(), h100(), {}, sort), plain(llama_8b(), h100(), {});
  EXPECT_NEAR(us(sorting, b) - us(plain, b), 0.14e-3 * 64 * 128256, 1);
  const StepCost more = sorting.step(b.shape()), less = plain.step(b.shape());
  for (const CostPartRow& row : kCostParts) {
    if (row.part == CostPart::sampling) continue;
    EXPECT_NEAR(more[row.part].count(), less[row.part].count(), 1e-15) << row.name;
  }
}

TEST(CalibratedModel, WithoutTheCompilerEveryCastIsAKernel) {
  ModelFacts model = llama_8b();
  model.quantization = {.format = WeightFormat::fp8_tensor, .method = "fp8", .activation_bits = 8};
  const Batch batch{{}, 32, 1024, 32};  // in a graph, so that it is not the launches that bind
  CalibratedOptions uncompiled;
  uncompiled.compiled = false;
  const auto time = [&](const ModelFacts& m, bool compiled) {
    return us(CalibratedModel(m, h100(), {}, compiled ? CalibratedOptions{} : uncompiled), batch);
  };
  // Of the inputs of qkv, gate_up and down, in each of 32 layers, for 32 tokens.
  const GemmFp8Constants casts = make_machine(h100()).constants.gemm_fp8;
  const double more = 32 * (3 * casts.quantize_us + casts.cast_us * 32 * (4096 + 4096 + 14336) / 1e6);
  EXPECT_NEAR(time(model, false) - time(model, true), more, 1e-6);
  const StepCost eager = CalibratedModel(model, h100(), {}, uncompiled).step(batch.shape()),
                 compiled = CalibratedModel(model, h100(), {}).step(batch.shape());
  EXPECT_EQ(eager[CostPart::weights], compiled[CostPart::weights]) << "a cast is no weight";
  EXPECT_EQ(time(llama_8b(), false), time(llama_8b(), true));
}

TEST(CalibratedModel, BeyondGraphsAStepTakesAtLeastItsLaunches) {
  const CalibratedModel dense(llama_8b(), h100(), {}), experts(mixtral(), h100(), {.tensor = 8});
  EXPECT_LT(us(dense, {.decodes = 1, .context = 100, .graph_tokens = 1}), 10'000);
  EXPECT_NEAR(us(dense, {.decodes = 1, .context = 100}), 32 * 500, 500) << "and the host";
  EXPECT_NEAR(us(experts, {.decodes = 1, .context = 100}), 32 * 750, 500);
  const Batch long_prompt{.prefills = {{8000, 0}}};
  EXPECT_GT(us(dense, long_prompt), 100'000) << "work that takes longer hides them";
}

TEST(CalibratedModel, PadsToTheCapturedGraph) {
  const CalibratedModel model(llama_8b(), h100(), {});
  const Batch padded{{}, 33, 500, 40}, full{{}, 40, 500, 40};
  const double weights_padded = model.step(padded.shape())[CostPart::weights].count();
  EXPECT_NEAR(weights_padded, model.step(full.shape())[CostPart::weights].count(), 5e-6)
      << "layers cost what 40 tokens cost";
  EXPECT_LT(us(model, padded), us(model, full));
}

TEST(CalibratedModel, StagesOfAPipelineAreFasterThanTheWhole) {
  const Batch b{{{1024, 0, true}}, 16, 1000};
  const double whole = us(CalibratedModel(llama_70b(), h100(), {.tensor = 4}), b);
  const double stage = us(CalibratedModel(llama_70b(), h100(), {.tensor = 4, .pipeline = 2}), b);
  EXPECT_LT(stage, whole * 0.6);
  EXPECT_GT(stage, whole * 0.45);
}

TEST(CalibratedModel, ABatchPaysHostAndHeadInOneStageOnly) {
  const Batch b{{}, 16, 1000, 16};
  const CalibratedModel model(llama_70b(), h100(), {.tensor = 4, .pipeline = 2});
  const StepCost step = model.step(b.shape());
  EXPECT_GT(step.once, step[CostPart::host]) << "the slowest stage is the last, which has the head";
  EXPECT_LT(step.once, step.total);
}

TEST(CalibratedModel, ATokenTouchesFewExpertsAndABatchMany) {
  const CalibratedModel model(mixtral(), h100(), {.tensor = 2});
  const Batch one{{}, 1, 500, 1}, many{{}, 64, 500, 64};
  EXPECT_GT(us(model, many), 2 * us(model, one));
}

TEST(CalibratedModel, LatentAttentionReadsOneVectorAToken) {
  // At long contexts the cache dominates: 576 elements a token against 2 x 128 heads x 192 uncompressed.
  const CalibratedModel model(deepseek_v3(), h100(), {.tensor = 8});
  const Batch shorter{{}, 32, 1000, 32}, longer{{}, 32, 9000, 32};
  const double more_us = us(model, longer) - us(model, shorter);
  const double bytes = 61.0 * 32 * 8000 * 1152;
  EXPECT_GT(more_us, bytes / 3.35e6);
  EXPECT_LT(more_us, bytes / 3.35e6 * 3);
}

TEST(CalibratedModel, SaysWhereItsConstantsAreFrom) {
  Hardware fitted = h100();
  fitted.calibrated = KernelConstants{};
  EXPECT_EQ(CalibratedModel(llama_8b(), fitted, {}).provenance(), "fitted");
  EXPECT_EQ(CalibratedModel(llama_8b(), h100(), {}).provenance(), "general");
}

TEST(CalibratedModel, RefusesAnEntryThatLacksWhatItNeeds) {
  Hardware no_sms = h100(), no_links = h100(), no_fabric = h100();
  no_sms.num_sms = 0;
  no_links.nvlink_gbs = no_links.pcie_gbs = 0;
  no_fabric.inter_node_gbs = 0;
  EXPECT_THROW(CalibratedModel(llama_8b(), no_sms, {}), InputError);
  EXPECT_NO_THROW(CalibratedModel(llama_8b(), no_links, {}));
  EXPECT_THROW(CalibratedModel(llama_8b(), no_links, {.tensor = 2}), InputError);
  EXPECT_THROW(CalibratedModel(llama_70b(), no_fabric, {.tensor = 16}), InputError);
  EXPECT_THROW(CalibratedModel(llama_8b(), h100(), {.tensor = 3}), InputError);
}

TEST(TokenTable, IsExactAtGraphSizesAndTileEdges) {
  auto price = [](double tokens) { return KernelCost(CostPart::compute, tokens * tokens); };
  const TokenTable table(4096, price);
  for (std::int64_t m : {1, 2, 4, 8, 24, 128, 129, 512, 513, 640, 641, 4096}) {
    EXPECT_DOUBLE_EQ(table.at(m)[CostPart::compute], static_cast<double>(m * m)) << m;
  }
  EXPECT_GT(table.at(5000)[CostPart::compute], table.at(4096)[CostPart::compute]);
}

}  // namespace
}  // namespace blis
