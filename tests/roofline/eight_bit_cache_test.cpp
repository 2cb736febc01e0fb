// What a cache of 8 bits saves and costs, against what was measured in public.
#include "roofline/eight_bit_cache.h"

#include <gtest/gtest.h>

#include "roofline/attention_time.h"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

AttentionShape heads_of(double elements, bool in_8_bits) {
  return {.heads = 32,
          .kv_heads = 8,
          .qk_dim = elements,
          .v_dim = elements,
          .kv_bytes = 8 * 2 * elements * (in_8_bits ? 1 : 2),
          .kv_in_8_bits = in_8_bits};
}
Machine machine_with(AttentionKernel attention, bool has_8_bit_units = true) {
  Machine m = make_machine(testing::h100());
  m.attention = attention;
  if (!has_8_bit_units) m.flops_fp8 = 0;
  return m;
}

double decode_us(const Machine& machine, const AttentionShape& shape, double context) {
  const DecodeCost cost =
      AttentionTime(machine, shape).decodes({.sequences = 1, .tokens = 1, .context = context});
  return cost.us + cost.launch_us;
}
// Of a lone sequence's time a token of context, in 8 bits against 16.
double slope_ratio(const Machine& machine, double elements) {
  const auto slope = [&](bool in_8_bits) {
    const AttentionShape shape = heads_of(elements, in_8_bits);
    return decode_us(machine, shape, 4e6) - decode_us(machine, shape, 2e6);
  };
  return slope(true) / slope(false);
}
double prefill_us(const Machine& machine, const AttentionShape& shape) {
  const PrefillChunk chunk{.new_tokens = 8192, .context = 65536};
  return AttentionTime(machine, shape).mixed({&chunk, 1}, {}).total();
}

struct Slope {
  AttentionKernel kernel;
  double elements;
  double measured;
};
class EightBitSlope : public ::testing::TestWithParam<Slope> {};
TEST_P(EightBitSlope, IsTheMeasuredOne) {
  EXPECT_NEAR(slope_ratio(machine_with(GetParam().kernel), GetParam().elements), GetParam().measured, 0.03);
}
INSTANTIATE_TEST_SUITE_P(Kernels, EightBitSlope,
                         ::testing::Values(Slope{AttentionKernel::flash3, 128, 0.54},
                                           Slope{AttentionKernel::flash3, 64, 0.71},
                                           Slope{AttentionKernel::flash3, 256, 0.68},
                                           Slope{AttentionKernel::separate, 128, 0.54},
                                           Slope{AttentionKernel::separate, 64, 0.58}));

TEST(EightBitCache, SavesNoTimeWhereNoUnitsComputeInEightBits) {
  EXPECT_NEAR(slope_ratio(machine_with(AttentionKernel::flash2, false), 128), 1, 0.01);
  EXPECT_NEAR(slope_ratio(machine_with(AttentionKernel::flash2, true), 128), 0.5, 0.01);
}

TEST(EightBitCache, CostsALittleMoreAtShortContexts) {
  const Machine hopper = machine_with(AttentionKernel::flash3);
  EXPECT_GT(decode_us(hopper, heads_of(128, true), 500), decode_us(hopper, heads_of(128, false), 500));
  EXPECT_LT(decode_us(hopper, heads_of(128, true), 10000), decode_us(hopper, heads_of(128, false), 10000));
}

TEST(EightBitCache, SlowsPrefillWhereTheCacheIsExpandedOrHeadsAreLarge) {
  const auto slower = [](const Machine& machine, double elements) {
    return prefill_us(machine, heads_of(elements, true)) > prefill_us(machine, heads_of(elements, false));
  };
  EXPECT_FALSE(slower(machine_with(AttentionKernel::flash3), 128));
  EXPECT_TRUE(slower(machine_with(AttentionKernel::flash3), 256));
  EXPECT_TRUE(slower(machine_with(AttentionKernel::flash2), 128));
}

TEST(EightBitCache, LeavesLatentAttentionAsItWas) {
  const Machine hopper = machine_with(AttentionKernel::flash3);
  AttentionShape latent{
      .heads = 128, .kv_heads = 1, .kv_bytes = 576, .kv_in_8_bits = true, .latent = true, .latent_dim = 576};
  const double in_8_bits = decode_us(hopper, latent, 1e5);
  latent.kv_in_8_bits = false;
  EXPECT_EQ(in_8_bits, decode_us(hopper, latent, 1e5));
}

}  // namespace
}  // namespace blis
