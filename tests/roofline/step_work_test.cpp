#include "roofline/step_work.h"

#include <gtest/gtest.h>

#include "tests/roofline/example_models.h"

namespace blis {
namespace {

using testing::deepseek_v3;
using testing::h100;
using testing::llama_8b;
using testing::mixtral;

WorkModel work_of(const ModelFacts& model, int tp = 1) {
  return make_work_model(model, h100(), Parallelism{.tensor = tp}, 0);
}

TEST(StepWork, OfOneDecodeIsTwoFlopsAWeightAndAllWeightsOnce) {
  // 8B without the embedding: 6.98e9 in the layers, 0.525e9 in the head.
  const ParameterCount n = count_parameters(llama_8b());
  const double weights = n.attention + n.dense_mlp + n.head;
  const StepWork work = step_work(work_of(llama_8b()), {.decodes = 1, .decode_context = 0});
  const double attention = 32.0 * 4 * 32 * 128;  // layers x (QK and AV) x heads x head_dim, one pair
  EXPECT_DOUBLE_EQ(work.flops, 2 * weights + attention);
  const double kv = 32.0 * 2 * 8 * 128 * 2;  // layers x K and V x heads x head_dim x 2 bytes, one token
  EXPECT_DOUBLE_EQ(work.bytes, 2 * weights + kv);
}

TEST(StepWork, EachPositionOfAPromptSeesItselfAndThoseBeforeIt) {
  const StepWork prompt = step_work(work_of(llama_8b()), {.prefill_tokens = 3, .prefills = 1});
  const ParameterCount n = count_parameters(llama_8b());
  const double pair = 32.0 * 4 * 32 * 128;
  EXPECT_DOUBLE_EQ(prompt.flops, 3 * 2 * (n.attention + n.dense_mlp) + 2 * n.head + (1 + 2 + 3) * pair);
}

TEST(StepWork, ReadsTheCacheOfTheWholeContext) {
  const WorkModel work = work_of(llama_8b());
  const double more = step_work(work, {.decodes = 4, .decode_context = 4096}).bytes -
                      step_work(work, {.decodes = 4, .decode_context = 0}).bytes;
  EXPECT_DOUBLE_EQ(more, 4096.0 * 131072);  // 128 KiB a token, as vLLM has it
}

TEST(StepWork, OfAnEmptyStepIsNoArithmetic) {
  EXPECT_EQ(step_work(work_of(llama_8b()), {}).flops, 0);
}

TEST(StepWork, OfFewTokensReadsFewExperts) {
  const WorkModel work = work_of(mixtral());
  const double one = step_work(work, {.decodes = 1}).bytes, many = step_work(work, {.decodes = 256}).bytes;
  EXPECT_NEAR((many - one) / work.experts.front().bytes, 1 - 2.0 / 8, 0.01);  // two of eight against all
}

TEST(StepWork, DoesNotDependOnTensorParallelismButForCopiedKvHeads) {
  const StepTotals step{.prefill_tokens = 100, .prefills = 1, .decodes = 8, .decode_context = 8000};
  EXPECT_DOUBLE_EQ(step_work(work_of(llama_8b(), 8), step).bytes, step_work(work_of(llama_8b()), step).bytes);
  EXPECT_GT(step_work(work_of(llama_8b(), 16), step).bytes, step_work(work_of(llama_8b()), step).bytes);
}

TEST(StepWork, IsCutAtTheAttentionWindow) {
  ModelFacts model = llama_8b();
  model.window = WindowConfig{.tokens = 1024, .layers = 32};
  const WorkModel windowed = work_of(model), full = work_of(llama_8b());
  const StepTotals within{.decodes = 2, .decode_context = 2000}, beyond{.decodes = 2, .decode_context = 8000};
  EXPECT_DOUBLE_EQ(step_work(windowed, within).bytes, step_work(full, within).bytes);
  EXPECT_LT(step_work(windowed, beyond).bytes, step_work(full, beyond).bytes);
  EXPECT_LT(step_work(windowed, beyond).flops, step_work(full, beyond).flops);
}

TEST(WorkModel, NamesThePeakOfEightBitsWhereProductsRunInThem) {
  Hardware gpu = h100();
  gpu.tflops_fp8 = 1979;
  EXPECT_DOUBLE_EQ(make_work_model(deepseek_v3(), gpu, {.tensor = 8}, 0).peak_flops_8, 8 * 1979e12);
  EXPECT_EQ(make_work_model(llama_8b(), gpu, {}, 0).peak_flops_8, 0);
}

}  // namespace
}  // namespace blis
