// Models as lists of layers, and what every kind of half layer must keep to.
#include "roofline/layers.h"

#include <gtest/gtest.h>

#include <set>

#include "blis/error.hpp"
#include "roofline/calibrated.h"
#include "roofline/kinds.h"
#include "roofline/kv_capacity.h"
#include "roofline/seed_roofline.h"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

using testing::deepseek_v3;
using testing::h100;
using testing::llama_8b;
using testing::mixtral;

const LayerKind& kind(std::string_view name) {
  for (const LayerKind& row : layer_kinds()) {
    if (row.name == name) return row;
  }
  throw std::logic_error("no such kind");
}

std::vector<std::string> channels(const LayerList& layers) {
  std::vector<std::string> all;
  for (const LayerRun& run : layers.runs()) {
    for (int i = 0; i < run.count; ++i) all.emplace_back(run.channel->kind());
  }
  return all;
}

TEST(LayerList, MergesLayersThatAreAlike) {
  const Half full = kind("full").example(), mlp = kind("gated_mlp").example(),
             routed = kind("experts").example();
  LayerList layers;
  layers.add(full, mlp);
  layers.add(full, mlp, 2);
  layers.add(full, routed);
  layers.add(nullptr, mlp);
  EXPECT_EQ(layers.count(), 5);
  ASSERT_EQ(layers.runs().size(), 3u);
  EXPECT_EQ(layers.runs()[0].count, 3);
  const std::vector<LayersWith> halves = layers.halves();
  ASSERT_EQ(halves.size(), 3u);
  EXPECT_EQ(halves[0].layers, 4) << "attention";
  EXPECT_EQ(halves[1].layers, 4) << "MLP";
  EXPECT_EQ(halves[2].layers, 1) << "experts";
  EXPECT_TRUE(layers.has("experts"));
  EXPECT_FALSE(layers.has("latent"));
}

TEST(LayerList, AStageHasThePartsOfRunsThatItCuts) {
  const Half full = kind("full").example(), mlp = kind("gated_mlp").example(),
             routed = kind("experts").example();
  LayerList layers;
  layers.add(full, mlp, 3);
  layers.add(full, routed, 5);
  const LayerList cut = layers.range(2, 4);
  ASSERT_EQ(cut.runs().size(), 2u);
  EXPECT_EQ(cut.runs()[0].count, 1);
  EXPECT_EQ(cut.runs()[1].count, 3);
  EXPECT_EQ(layers.range(8, 2).count(), 0);
}

TEST(LayerList, PutsExpertsWhereTheConfigHasThem) {
  const LayerList deepseek = layer_list(deepseek_v3());
  EXPECT_EQ(channels(deepseek.range(0, 4)),
            (std::vector<std::string>{"gated_mlp", "gated_mlp", "gated_mlp", "experts"}));
  EXPECT_EQ(channels(deepseek.range(60, 1)), std::vector<std::string>{"experts"});
  ModelFacts interleaved = mixtral();
  interleaved.moe->every = 2;
  EXPECT_EQ(channels(layer_list(interleaved).range(0, 3)),
            (std::vector<std::string>{"gated_mlp", "experts", "gated_mlp"}));
  EXPECT_FALSE(layer_list(llama_8b()).has("experts"));
}

TEST(LayerList, PutsWindowsWhereTheConfigHasThem) {
  const auto windowed = [](ModelFacts facts) {
    std::vector<int> layers;
    const LayerList list = layer_list(facts);
    for (int i = 0; i < list.count(); ++i) {
      if (list.range(i, 1).has("sliding")) layers.push_back(i);
    }
    return layers;
  };
  ModelFacts m = llama_8b();
  m.layers = 6;
  m.window = WindowConfig{.tokens = 128, .layers = 2, .which = {0, 5}};
  EXPECT_EQ(windowed(m), (std::vector<int>{0, 5}));
  m.window->which.clear();
  EXPECT_EQ(windowed(m), (std::vector<int>{2, 5})) << "spread evenly where the config does not say";
}

TEST(LayerKinds, AreUniqueAndNameTheirHalves) {
  std::set<std::string_view> names;
  for (const LayerKind& row : layer_kinds()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(row.example()->kind(), row.name);
    EXPECT_FALSE(row.what.empty());
  }
}

// A model of layers with this half, and the other half of the usual kind.
ModelConfig model_of(const LayerKind& row, int layers = 8) {
  const Half half = row.example();
  const bool is_mixer = !half->part({}).cores.empty() || half->part({}).state;
  ModelConfig m;
  m.name = row.name;
  m.hidden = 4096;
  m.vocab = 32000;
  m.max_position_embeddings = 32768;
  if (is_mixer) {
    m.layers.add(half, kind("gated_mlp").example(), layers);
  } else {
    m.layers.add(kind("full").example(), half, layers);
  }
  return m;
}

TEST(LayerKinds, ShardsAddUpToTheWholeOrAreCopies) {
  for (const LayerKind& row : layer_kinds()) {
    const ModelConfig m = model_of(row);
    const Stage all = pipeline_stages(m, 1).front();
    const double whole = count_parameters(m).total();
    for (const int tp : {2, 4}) {
      const double shards = tp * parameters_on_gpu(m, {.tensor = tp}, all).total();
      EXPECT_GE(shards, whole) << row.name;
      EXPECT_LT(shards, 1.5 * whole) << row.name;
    }
  }
}

TEST(LayerKinds, AStepNeverBeatsItsFlopsAndBytes) {
  const Hardware gpu = h100();
  for (const LayerKind& row : layer_kinds()) {
    const ModelConfig m = model_of(row);
    const CalibratedModel model(m, gpu, {});
    const PrefillChunk chunk{.new_tokens = 2048, .samples = true};
    const StepShape prefill{.prefills = {&chunk, 1}, .prefill_tokens = 2048, .sampled = 1};
    double flops = 0, bytes = 0;  // of products alone
    for (const auto& [half, layers] : m.layers.halves()) {
      for (const Operation& operation : half->part({}).operations) {
        const auto* product = std::get_if<Product>(&operation.work);
        if (product == nullptr) continue;
        flops += layers * 2 * 2048 * product->elements();
        bytes += layers * 2 * product->elements();
      }
    }
    EXPECT_GT(model.step(prefill).total.count(), flops / (gpu.tflops_peak * 1e12)) << row.name;
    const StepShape decode{
        .decodes = 1, .decode_tokens = 1, .decode_context = 100, .window_context = 100, .sampled = 1};
    EXPECT_GT(model.step(decode).total.count(), bytes / (gpu.bw_peak_tbs * 1e12)) << row.name;
  }
}

TEST(LayerKinds, TheSeedsFormulaPricesThoseItKnows) {
  const Hardware gpu = h100();
  for (const LayerKind& row : layer_kinds()) {
    const bool known = row.name == "gated_mlp" || row.name == "latent" || row.name == "full" ||
                       row.name == "sliding" || row.name == "chunked";
    if (!known) {
      EXPECT_THROW(SeedRoofline(model_of(row), gpu, 1), InputError) << row.name;
    } else {
      EXPECT_NO_THROW(SeedRoofline(model_of(row), gpu, 1)) << row.name;
    }
  }
}

TEST(LayerKinds, APlainMlpHasTwoMatrices) {
  const LayerPart part = plain_mlp({.hidden = 4096, .ffn = 16384})->part({.tensor = 2});
  double elements = 0;
  for (const Operation& operation : part.operations) {
    if (const auto* product = std::get_if<Product>(&operation.work)) elements += product->elements();
  }
  EXPECT_EQ(elements, 2.0 * 4096 * 8192);
  EXPECT_EQ(part.reductions, 1);
}

TEST(LayerKinds, ExpertsWithoutAGateHaveTwoMatricesAndMayWorkAtAnotherWidth) {
  Experts sizes{.hidden = 4096, .experts = 8, .experts_per_token = 2, .ffn = 1024, .shared_ffn = 512};
  EXPECT_EQ(routed_elements(experts(sizes)->part({})), 8.0 * 3 * 4096 * 1024);
  sizes.gated = false;
  sizes.latent = 1024;
  const LayerPart part = experts(sizes)->part({});
  EXPECT_EQ(routed_elements(part), 8.0 * 2 * 1024 * 1024);
  double shared = 0;
  for (const Operation& operation : part.operations) {
    const auto* product = std::get_if<Product>(&operation.work);
    if (product != nullptr && product->role == WeightRole::shared) shared += product->elements();
  }
  EXPECT_EQ(shared, 2.0 * 4096 * 512 + 2.0 * 4096 * 1024) << "two matrices, and down to the width and up";
}

TEST(LayerKinds, MoreLayersAndTokensTakeLonger) {
  for (const LayerKind& row : layer_kinds()) {
    const CalibratedModel few(model_of(row, 8), h100(), {}), many(model_of(row, 9), h100(), {});
    StepShape step{.decodes = 4,
                   .decode_tokens = 4,
                   .decode_context = 4000,
                   .window_context = 4000,
                   .sampled = 4,
                   .graph_tokens = 4};
    EXPECT_GT(many.step(step).total, few.step(step).total) << row.name;
    const Seconds before = few.step(step).total;
    step.decode_context += 100;
    step.window_context += 100;
    if (row.example()->part({}).state && row.example()->part({}).cores.empty()) {
      EXPECT_EQ(few.step(step).total, before) << row.name << " costs the same at any context";
    } else {
      EXPECT_GT(few.step(step).total, before) << row.name;
    }
    EXPECT_EQ(few.explain(step).cost.total, few.step(step).total) << row.name;
  }
}

TEST(LayerKinds, ThatAreMixedInAModelAreToldApartInAnExplanation) {
  ModelConfig m = model_of(kind("gated_mlp"), 3);
  m.layers.add(kind("full").example(), kind("plain_mlp").example(), 2);
  const StepShape step{
      .decodes = 1, .decode_tokens = 1, .decode_context = 10, .window_context = 10, .sampled = 1};
  std::set<std::string> names;
  for (const StepTerm& term : CalibratedModel(m, h100(), {}).explain(step).terms) {
    EXPECT_TRUE(names.insert(term.name).second) << term.name;
  }
  EXPECT_TRUE(names.contains("layer_gate_up_us"));
  EXPECT_TRUE(names.contains("layer_2_up_us"));
}

// A step tells of contexts cut at the longest reach; what sees less reads no more than that of each sequence.
TEST(LayerKinds, WindowsOfDifferentSizesReadTheirOwnTokens) {
  const auto with = [](std::initializer_list<std::pair<std::int64_t, int>> windows) {
    ModelConfig m = model_of(kind("full"));
    m.layers = {};
    for (const auto& [tokens, layers] : windows) {
      const Reach reach{Reach::Kind::window, tokens};
      m.layers.add(
          softmax_attention({.hidden = 4096, .heads = 32, .kv_heads = 8, .head_dim = 128, .reach = reach}),
          kind("gated_mlp").example(), layers);
    }
    return CalibratedModel(m, h100(), {});
  };
  const auto reading = [](std::int64_t context, std::int64_t cut) {
    return StepShape{.decodes = 32,
                     .decode_tokens = 32,
                     .decode_context = 32 * context,
                     .window_context = 32 * std::min(context, cut),
                     .sampled = 32};
  };
  for (const std::int64_t context : {50, 128, 700, 1024, 50'000}) {
    const double both = with({{128, 3}, {1024, 2}}).attention_cost(reading(context, 1024)).total();
    const double shorter = with({{128, 3}}).attention_cost(reading(context, 128)).total();
    const double longer = with({{1024, 2}}).attention_cost(reading(context, 1024)).total();
    EXPECT_NEAR(both, shorter + longer, 1e-9 * both) << context;
  }
}

TEST(KvLayout, GroupsAnyNumberOfKinds) {
  const auto attention = [](Reach reach) {
    return softmax_attention({.hidden = 4096, .heads = 32, .kv_heads = 8, .head_dim = 128, .reach = reach});
  };
  const Half near = attention({Reach::Kind::window, 128}), far = attention({Reach::Kind::window, 1024}),
             all = attention({});
  ModelConfig m;
  m.layers.add(near, nullptr, 20);
  m.layers.add(far, nullptr, 10);
  m.layers.add(all, nullptr, 5);
  const KvLayout layout = kv_layout(m);
  std::vector<int> windows;
  for (const KvGroup& group : layout.groups) windows.push_back(group.reach);
  EXPECT_EQ(layout.layers_per_group, 5);
  EXPECT_EQ(windows, (std::vector<int>{0, 128, 128, 128, 128, 1024, 1024}));
}

// vLLM's own example: a full and two windowed layers on each of two stages make three groups, one layer of
// each on a stage.
TEST(KvCapacity, OnAStageABlockHasThePagesOfTheLayersThere) {
  ModelFacts m = llama_8b();
  m.layers = 6;
  m.window = WindowConfig{.tokens = 128, .layers = 4, .which = {1, 2, 4, 5}};
  const MemorySettings settings{.max_model_len = 8192};
  EXPECT_EQ(kv_capacity(m, h100(), {.pipeline = 2}, settings).block_bytes, 65536);
  EXPECT_EQ(kv_capacity(m, h100(), {}, settings).block_bytes, 2 * 65536);
  m.window->which = {2, 3, 4, 5};  // both full layers are on the first stage
  EXPECT_EQ(kv_capacity(m, h100(), {.pipeline = 2}, settings).block_bytes, 2 * 65536);
}

}  // namespace
}  // namespace blis
