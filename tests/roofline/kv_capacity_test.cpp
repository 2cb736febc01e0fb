#include "roofline/kv_capacity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "blis/error.hpp"
#include "roofline/cuda_graphs.h"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

using testing::deepseek_v3;
using testing::dense_model;
using testing::h100;
using testing::llama2_7b;
using testing::llama_70b;
using testing::llama_8b;
using testing::mixtral;

MemorySettings vllm_015(int tokens = 2048, int seqs = 128) {
  MemorySettings s;
  s.gpu_memory_utilization = 0.9;
  s.max_num_batched_tokens = tokens;
  s.max_num_seqs = seqs;
  s.captured_graphs = static_cast<int>(graph_capture_sizes(seqs, tokens).size());
  s.subtract_graph_memory = false;
  s.sort_to_sample = true;
  return s;
}

MemorySettings vllm_023(int tokens, int seqs) {
  MemorySettings s = vllm_015(tokens, seqs);
  s.gpu_memory_utilization = 0.92;
  s.subtract_graph_memory = true;
  s.sort_to_sample = false;
  return s;
}

ModelFacts nemo() {
  ModelFacts m = dense_model("mistral-nemo", 40, 5120, 32, 8, 14336, 131072);
  m.head_dim = 128;
  return m;
}

// Block counts that vLLM logged on H100 80 GB, null block included.
struct Logged {
  const char* name;
  ModelFacts model;
  int tp;
  MemorySettings settings;
  std::int64_t blocks;
};

std::vector<Logged> logged() {
  const ModelFacts llama2_70b = dense_model("llama-2-70b", 80, 8192, 64, 8, 28672, 32000);
  const ModelFacts codellama = dense_model("codellama-34b", 48, 8192, 64, 8, 22016, 32000);
  return {
      {"Llama-2-7B TP1", llama2_7b(), 1, vllm_015(), 7463},
      {"Qwen2.5-7B TP1", dense_model("qwen2.5-7b", 28, 3584, 28, 4, 18944, 152064), 1, vllm_015(), 65368},
      {"Mistral-Nemo TP1", nemo(), 1, vllm_015(), 19251},
      {"Mistral-Nemo TP2", nemo(), 2, vllm_015(1024), 48009},
      {"Yi-34B TP2", dense_model("yi-34b", 60, 7168, 56, 8, 20480, 64000), 2, vllm_015(), 20793},
      {"Llama-3.1-70B TP4", llama_70b(), 4, vllm_015(), 30425},
      {"Llama-3.1-70B TP4, budget 8192", llama_70b(), 4, vllm_015(8192), 30251},
      {"Llama-2-70B TP4", llama2_70b, 4, vllm_015(), 31357},
      {"Mixtral-8x7B TP2", mixtral(), 2, vllm_015(), 27511},
      {"CodeLlama-34B TP2", codellama, 2, vllm_015(), 26603},
      {"CodeLlama-34B TP1, vLLM 0.11", codellama, 1, vllm_015(4096, 256), 2537},
      {"Qwen3-14B TP1, vLLM 0.23", dense_model("qwen3-14b", 40, 5120, 40, 8, 17408, 151936), 1,
       vllm_023(8192, 256), 18038},
  };
}

TEST(KvCapacity, IsWithinThreePercentOrHalfAGibibyteOfWhatVllmLogged) {
  for (const Logged& l : logged()) {
    const KvCapacity c = kv_capacity(l.model, h100(), {.tensor = l.tp}, l.settings);
    const double tolerance =
        std::max(0.03 * static_cast<double>(l.blocks), 0.5 * kGiB / static_cast<double>(c.block_bytes));
    EXPECT_NEAR(static_cast<double>(c.num_blocks), static_cast<double>(l.blocks), tolerance) << l.name;
  }
}

TEST(KvCapacity, TermsAddUpToTheBlocks) {
  const KvCapacity c = kv_capacity(llama_8b(), h100(), {}, vllm_015());
  double left = c.requested_bytes;
  for (const MemoryTerm& t : c.taken) left -= t.bytes;
  EXPECT_DOUBLE_EQ(left, c.available_bytes);
  EXPECT_LE(static_cast<double>(c.num_blocks * c.block_bytes), c.available_bytes);
  EXPECT_GT(static_cast<double>((c.num_blocks + 1) * c.block_bytes), c.available_bytes);
  EXPECT_EQ(c.usable_blocks(), c.num_blocks - 1);
}

TEST(KvCapacity, BlockBytesFollowTheLayout) {
  // bytes a block = layers x 16 tokens x 2 x KV heads on the rank x 128 x 2 B
  EXPECT_EQ(kv_capacity(llama_8b(), h100(), {.tensor = 1}, vllm_015()).block_bytes, 32 * 65536);
  EXPECT_EQ(kv_capacity(llama_8b(), h100(), {.tensor = 8}, vllm_015()).block_bytes, 32 * 8192);
  EXPECT_EQ(kv_capacity(llama_8b(), h100(), {.tensor = 16}, vllm_015()).block_bytes, 32 * 8192)
      << "KV heads are copied when ranks outnumber them";
  MemorySettings s = vllm_015();
  s.block_size = 64;
  EXPECT_EQ(kv_capacity(deepseek_v3(), h100(), {.tensor = 16}, s).block_bytes, 61 * 73728)
      << "MLA's vector is copied on every rank";
  s = vllm_015();
  s.kv_dtype_bytes = 1;
  EXPECT_EQ(kv_capacity(llama_8b(), h100(), {}, s).block_bytes, 32 * 32768);
}

TEST(KvCapacity, PipelineStagesHoldTheirLayersOnly) {
  const KvCapacity whole = kv_capacity(llama_8b(), h100(), {}, vllm_015());
  const KvCapacity half = kv_capacity(llama_8b(), h100(), {.pipeline = 2}, vllm_015());
  EXPECT_EQ(half.block_bytes * 2, whole.block_bytes);
  EXPECT_GT(half.num_blocks, 2 * whole.num_blocks);
}

TEST(KvCapacity, GrowsAsAnythingElseTakesLess) {
  const std::int64_t base = kv_capacity(llama_8b(), h100(), {}, vllm_015(2048, 128)).num_blocks;
  EXPECT_LT(kv_capacity(llama_8b(), h100(), {}, vllm_015(16384, 128)).num_blocks, base)
      << "a larger token budget";
  EXPECT_LT(kv_capacity(llama_8b(), h100(), {}, vllm_015(2048, 256)).num_blocks, base) << "more sampled rows";
  MemorySettings more = vllm_015();
  more.gpu_memory_utilization = 0.95;
  EXPECT_GT(kv_capacity(llama_8b(), h100(), {}, more).num_blocks, base);
  ModelFacts fp8 = llama_8b();
  fp8.quantization.format = WeightFormat::fp8_tensor;
  EXPECT_GT(kv_capacity(fp8, h100(), {}, vllm_015()).num_blocks, base) << "8-bit weights";
}

ModelFacts with_windows(int layers, int windowed, WindowConfig::Kind kind = WindowConfig::Kind::sliding) {
  ModelFacts m = llama_8b();
  m.layers = layers;
  m.window = WindowConfig{.kind = kind, .tokens = 128, .layers = windowed};
  return m;
}

TEST(KvCapacity, ADenseMlpThatNoLayerHasIsNotAlive) {
  ModelFacts sparse = mixtral(), first_dense = mixtral();
  sparse.moe->ffn = first_dense.moe->ffn = 1024;
  first_dense.moe->dense_prefix_layers = 1;
  const auto alive = [](const ModelFacts& m) {
    const KvCapacity c = kv_capacity(m, h100(), {}, vllm_015(32768));
    const auto is_peak = [](const MemoryTerm& term) { return term.name == "peak_activations"; };
    return std::ranges::find_if(c.taken, is_peak)->bytes;
  };
  EXPECT_LT(alive(sparse), alive(first_dense));
}

TEST(KvLayout, GroupsLayersAsVllmDoes) {
  auto windows = [](const KvLayout& l) {
    std::vector<int> w;
    for (const KvGroup& g : l.groups) w.push_back(g.reach);
    return w;
  };
  EXPECT_EQ(windows(kv_layout(llama_8b())), std::vector<int>{0});
  const KvLayout half = kv_layout(with_windows(24, 12));  // gpt-oss-20b
  EXPECT_EQ(windows(half), (std::vector<int>{0, 128}));
  EXPECT_EQ(half.layers_per_group, 12);
  const KvLayout many = kv_layout(with_windows(60, 50));  // five windowed layers to a full one
  EXPECT_EQ(windows(many), (std::vector<int>{0, 128, 128, 128, 128, 128}));
  EXPECT_EQ(many.layers_per_group, 10);
  EXPECT_EQ(windows(kv_layout(with_windows(24, 14))), (std::vector<int>{0, 128})) << "10 and 14: one of each";
  EXPECT_EQ(windows(kv_layout(with_windows(25, 15))), (std::vector<int>{0, 128, 128}))
      << "10 and 15: of ten each";
  EXPECT_EQ(windows(kv_layout(with_windows(32, 32))), std::vector<int>{128});
  EXPECT_EQ(windows(kv_layout(with_windows(48, 36, WindowConfig::Kind::chunked))), std::vector<int>{0});
}

TEST(KvLayout, ABlockIsAPageInEachLayerOfOneGroup) {
  const KvCapacity c = kv_capacity(with_windows(24, 12), h100(), {}, vllm_015());
  EXPECT_EQ(c.block_bytes, 12 * 65536);
}

TEST(KvCapacity, WeightsThatDoNotFitAreRefusedInArithmetic) {
  const KvCapacity c = kv_capacity(llama_70b(), h100(), {}, vllm_015());
  EXPECT_EQ(c.num_blocks, 0);
  EXPECT_FALSE(c.feasible());
  try {
    require_fits(c, llama_70b(), h100(), {}, vllm_015());
    FAIL();
  } catch (const InputError& e) {
    EXPECT_EQ(e.kind(), ErrorKind::infeasible);
    EXPECT_NE(e.problems().front().got.find("131.42 weights"), std::string::npos) << e.problems().front().got;
    EXPECT_NE(e.problems().front().got.find("71.69 GiB"), std::string::npos) << e.problems().front().got;
  }
}

TEST(KvCapacity, AContextThatDoesNotFitIsRefusedWithTheOneThatWould) {
  MemorySettings s = vllm_015();
  s.max_model_len = 4'000'000;
  const KvCapacity c = kv_capacity(llama_8b(), h100(), {}, s);
  EXPECT_FALSE(c.feasible());
  EXPECT_THROW(require_fits(c, llama_8b(), h100(), {}, s), InputError);
  s.max_model_len = c.num_blocks * 16;
  EXPECT_TRUE(kv_capacity(llama_8b(), h100(), {}, s).feasible());
  EXPECT_NO_THROW(require_fits(kv_capacity(llama_8b(), h100(), {}, s), llama_8b(), h100(), {}, s));
}

TEST(KvCapacity, RefusesAGpuOfUnknownMemory) {
  EXPECT_THROW(kv_capacity(llama_8b(), testing::seed_gpu("H100", 989.5, 3.35), {}, vllm_015()), InputError);
}

}  // namespace
}  // namespace blis
