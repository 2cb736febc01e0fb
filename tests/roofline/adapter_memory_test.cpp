#include "roofline/adapter_memory.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "roofline/kv_capacity.h"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

using testing::h100;
using testing::llama_8b;

TEST(AdapterMemory, IsTwoFactorsOfEveryMatrix) {
  // Of Llama 3.1 8B: queries, keys and values 4096 wide in, 4096 + 2 x 1024 out; output; gate and up; down.
  const double layer = (3 * 4096 + 6144) + (4096 + 4096) + (2 * 4096 + 2 * 14336) + (14336 + 4096);
  const double ends = 2.0 * (128256 + 4096);  // embedding and head
  const Stage all{.layers = 32, .embedding = true, .head = true};
  EXPECT_DOUBLE_EQ(adapter_bytes_on_gpu(llama_8b(), {}, all, 1, 16), 16 * 2 * (32 * layer + ends));
  EXPECT_DOUBLE_EQ(adapter_bytes_on_gpu(llama_8b(), {}, all, 4, 64), 16 * 16 * 2 * (32 * layer + ends));
}

TEST(AdapterMemory, TensorParallelismDividesOneSideOfEach) {
  const Stage inner{.layers = 32};
  const double layer = (3 * 4096 + 3072) + (2048 + 4096) + (2 * 4096 + 14336) + (7168 + 4096);
  EXPECT_DOUBLE_EQ(adapter_bytes_on_gpu(llama_8b(), {.tensor = 2}, inner, 1, 8), 8 * 2 * 32 * layer);
}

TEST(KvCapacity, SlotsForAdaptersComeOffIt) {
  MemorySettings settings{};
  const KvCapacity without = kv_capacity(llama_8b(), h100(), {}, settings);
  settings.adapter_slots = 8;
  settings.adapter_rank = 64;
  const KvCapacity with = kv_capacity(llama_8b(), h100(), {}, settings);
  const auto term = std::ranges::find(with.taken, "adapters", &MemoryTerm::name);
  ASSERT_NE(term, with.taken.end());
  EXPECT_DOUBLE_EQ(with.available_bytes, without.available_bytes - term->bytes);
  EXPECT_LT(with.num_blocks, without.num_blocks);
}

}  // namespace
}  // namespace blis
