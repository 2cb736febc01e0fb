// What a drafter takes, by hand.
#include "roofline/drafter.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "roofline/kv_capacity.h"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

using testing::deepseek_v3;
using testing::dense_model;
using testing::h100;
using testing::llama_70b;
using testing::llama_8b;

// Llama 3.1 8B: attention 2 x 4096^2 + 2 x 4096 x 1024, an MLP of 3 x 4096 x 14336, two norms.
constexpr double kLayerOf8b = 2.0 * 4096 * 4096 + 2.0 * 4096 * 1024 + 3.0 * 4096 * 14336 + 2.0 * 4096;

TEST(Drafter, EagleIsALayerBehindAProjection) {
  const double elements = kLayerOf8b + 2.0 * 4096 * 4096;  // 0.25 billion, as published
  EXPECT_DOUBLE_EQ(drafter_bytes_on_gpu(eagle_drafter(llama_8b(), {}), {}), 2 * elements);
}

TEST(Drafter, Eagle3ReadsTwiceTheWidthAndHasAHead) {
  // Queries, keys and values of 4096 + 2 x 1024 from 4096 more; 0.42 billion in all, as published.
  const double elements = kLayerOf8b + 4096.0 * 6144 + 3.0 * 4096 * 4096 + 32000.0 * 4096;
  EXPECT_DOUBLE_EQ(drafter_bytes_on_gpu(eagle3_drafter(llama_8b(), {}, 32000), {}), 2 * elements);
}

TEST(Drafter, TensorParallelismDividesLayersAndHeadNotProjections) {
  const Parallelism two{.tensor = 2};
  const double norms = 2.0 * 4096, shared = kLayerOf8b - norms + 4096.0 * 6144 + 32000.0 * 4096;
  EXPECT_DOUBLE_EQ(drafter_bytes_on_gpu(eagle3_drafter(llama_8b(), two, 32000), two),
                   2 * (shared / 2 + norms + 3.0 * 4096 * 4096));
}

double taken(const KvCapacity& c, const char* name) {
  const auto term = std::ranges::find(c.taken, name, &MemoryTerm::name);
  return term == c.taken.end() ? 0 : term->bytes;
}

TEST(KvCapacity, AnEagleDraftOfAn8BIsOneLayerMoreAndItsWeights) {
  MemorySettings settings{.max_num_batched_tokens = 8192};
  const KvCapacity plain = kv_capacity(llama_8b(), h100(), {}, settings);
  settings.drafter = eagle_drafter(llama_8b(), {});
  const KvCapacity drafting = kv_capacity(llama_8b(), h100(), {}, settings);
  EXPECT_EQ(plain.block_bytes, 32 * 16 * 4096);  // 16 tokens of 2 x 8 x 128 values of two bytes
  EXPECT_EQ(drafting.block_bytes, 33 * 16 * 4096);
  const double weights = 2 * (kLayerOf8b + 2.0 * 4096 * 4096);
  EXPECT_DOUBLE_EQ(taken(drafting, "drafter"), weights);
  EXPECT_DOUBLE_EQ(taken(drafting, "weights"), taken(plain, "weights"));
  EXPECT_DOUBLE_EQ(drafting.available_bytes, plain.available_bytes - weights);
  const double blocks = (plain.available_bytes - weights) / (33.0 * 16 * 4096);
  EXPECT_NEAR(static_cast<double>(drafting.num_blocks), blocks, 1);
}

TEST(KvCapacity, WindowsAreGroupedWithTheDraftersLayer) {
  // 18 layers with a window, 18 without: groups of 19 with a drafter, as gpt-oss-120b has.
  ModelFacts alternating = dense_model("alternating", 36, 2880, 64, 8, 2880, 201088);
  alternating.window = WindowConfig{.tokens = 128, .layers = 18};
  EXPECT_EQ(kv_layout(alternating).layers_per_group, 18);
  MemorySettings settings{.drafter = eagle_drafter(alternating, {})};
  const KvCapacity c = kv_capacity(alternating, h100(), {}, settings);
  EXPECT_EQ(c.layout.layers_per_group, 19);
  EXPECT_EQ(c.layout.groups.size(), 2u);
}

TEST(KvCapacity, OnlyTheLastStageHoldsTheDrafter) {
  MemorySettings settings{};
  const Parallelism stages{.tensor = 4, .pipeline = 2};
  settings.drafter = eagle_drafter(llama_70b(), stages);
  const KvCapacity c = kv_capacity(llama_70b(), h100(), stages, settings);
  EXPECT_EQ(c.stage, 1);
  EXPECT_EQ(c.block_bytes, 41 * 16 * 1024) << "40 layers of two heads' keys and values, and one";
  // Stages keep embeddings apart, so that it has one of its own.
  EXPECT_GT(taken(c, "drafter"), 2 * 128256.0 * 8192 / 4);
}

TEST(KvCapacity, PredictingModulesAreLayersLikeTheLast) {
  const ModelConfig deepseek = deepseek_v3();
  const Parallelism eight{.tensor = 8};
  MemorySettings settings{.kv_cache_bytes = 64.0 * kGiB, .drafter = mtp_drafter(deepseek, eight, 1)};
  EXPECT_EQ(kv_capacity(deepseek, h100(), eight, settings).block_bytes, 62 * 16 * 576 * 2);
  // Routed experts: 256 of three matrices of 7168 x 2048, and a shared one, in fp8.
  EXPECT_GT(drafter_bytes_on_gpu(settings.drafter, eight), 257 * 3.0 * 7168 * 2048 / 8);
}

TEST(KvCapacity, ADraftModelsPagesAreAddedUp) {
  const ModelConfig small = dense_model("small", 16, 2048, 32, 8, 8192, 128256);  // heads of 64
  MemorySettings settings{.drafter = model_drafter(small)};
  const KvCapacity c = kv_capacity(llama_8b(), h100(), {}, settings);
  EXPECT_EQ(c.block_bytes, 32 * 16 * 4096 + 16 * 16 * 2048);
  EXPECT_DOUBLE_EQ(taken(c, "drafter"), weight_bytes_on_gpu(small, {}, pipeline_stages(small, 1).front()));
}

}  // namespace
}  // namespace blis
