#include "roofline/encoder_time.h"

#include <gtest/gtest.h>

#include "tests/roofline/example_models.h"

namespace blis {
namespace {

using testing::h100;
using testing::llama_8b;

// SigLIP of Gemma 3: 27 layers of 1152 and 4304, 4096 patches of an image in 256 embeddings.
VisionEncoder siglip() {
  return {.layers = 27,
          .hidden = 1152,
          .ffn = 4304,
          .patch_elements = 3 * 14 * 14,
          .merged = 16,
          .projector = {{1152, 4096}}};
}

Deployment deployment(int tensor = 1) {
  return make_deployment(llama_8b(), h100(), {.tensor = tensor}, 2, ExpertExchange::gather, true);
}

TEST(EncoderTime, IsNoLessThanItsArithmeticAndItsWeightsTake) {
  // An image: 2 FLOPs for each weight and patch, and two products of its width for each pair of patches.
  const double weights = 27 * (4.0 * 1152 * 1152 + 2.0 * 1152 * 4304);
  const double flops = 2 * weights * 4096 + 27 * 4.0 * 4096 * 4096 * 1152;
  const double us = encoder_time(deployment(), siglip(), 256, 256.0 * 256).total();
  EXPECT_GT(us, flops / 989e6) << "989 TFLOP/s of an H100";
  EXPECT_LT(us, 4 * flops / 989e6);
}

TEST(EncoderTime, GrowsWithTheImagesAndMoreSoWithTheirSize) {
  const Deployment d = deployment();
  const double one = encoder_time(d, siglip(), 256, 256.0 * 256).total();
  const double two = encoder_time(d, siglip(), 512, 2 * 256.0 * 256).total();
  const double large = encoder_time(d, siglip(), 512, 512.0 * 512).total();
  EXPECT_GT(two, 1.5 * one);
  EXPECT_LT(two, 2 * one);
  EXPECT_GT(large, two);
}

TEST(EncoderTime, IsSharedByTensorParallelGpus) {
  const double alone = encoder_time(deployment(), siglip(), 2560, 10 * 256.0 * 256).total();
  const double two = encoder_time(deployment(2), siglip(), 2560, 10 * 256.0 * 256).total();
  EXPECT_LT(two, alone);
  EXPECT_GT(two, alone / 2);
}

}  // namespace
}  // namespace blis
