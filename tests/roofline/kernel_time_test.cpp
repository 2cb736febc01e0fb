// The kernels' formulas against tools/fit, which states them independently.
#include <gtest/gtest.h>

#include "roofline/attention_time.h"
#include "roofline/collective_time.h"
#include "roofline/gemm_time.h"
#include "roofline/layer_time.h"
#include "roofline/moe_time.h"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

// An H100 with round constants, so that expected times can be worked out beside it.
Machine round_machine(AttentionKernel attention = AttentionKernel::flash3) {
  Machine m = make_machine(testing::h100());
  m.flops = 1000e6;  // a microsecond: 1000 TFLOP/s
  m.flops_fp8 = 2000e6;
  m.bytes = 3e6;  // 3 TB/s
  m.sms = 128;
  m.link = 0.5e6;
  m.attention = attention;
  m.constants.gemm = {
      .t0_us = 4, .chain_us = 0.5, .memory_eff = 0.8, .compute_eff = 0.8, .p = 2, .tail = 0, .sag = 0};
  m.constants.decode = {.t0_us = 10, .chain_us = 0.5, .memory_eff = 0.9, .tile_us = 4};
  m.constants.prefill = {
      .t0_us = 10, .compute_eff = 0.5, .tile_us = 0, .longest = 0, .traffic = 0, .mixed_rows = 0.5};
  m.constants.all_reduce = {.t0_us = 4,
                            .one_shot_eff = 0.5,
                            .two_shot_t0_us = 10,
                            .two_shot_eff = 0.8,
                            .hop_us = 1,
                            .contention = 0};
  m.constants.moe = {
      .t0_us = 30, .memory_eff = 1, .compute_eff = 0.5, .p = 1, .pad_rows = 0, .permute_us = 0};
  return m;
}

Precision sixteen_bit(const Machine& m) {
  return precision_of(m, Storage{}, 2);
}

TEST(GemmTime, JoinsComputeAndMemoryByTheNorm) {
  const Machine m = round_machine();
  // 2 x 1024 x 8192 x 4096 FLOP / 800e6 = 85.899 us; (8192 x 4096 + 1024 x 4096 + 1024 x 8192) x 2 B
  // / 2.4e6 = 38.448 us; joined sqrt(85.899^2 + 38.448^2) = 94.111; 4 + 0.5 x 4 = 6 beside.
  const KernelCost c = gemm_time(m, sixteen_bit(m), 1024, 8192, 4096);
  EXPECT_NEAR(c[CostPart::compute], 94.111, 1e-2);
  EXPECT_EQ(c[CostPart::weights], 0);
  EXPECT_EQ(c[CostPart::launch], 6);
}

TEST(GemmTime, ASmallBatchIsBoundByWeights) {
  const Machine m = round_machine();
  const KernelCost c = gemm_time(m, sixteen_bit(m), 1, 8192, 4096);
  EXPECT_EQ(c[CostPart::compute], 0);
  EXPECT_NEAR(c[CostPart::weights], 8192.0 * 4096 * 2 / 2.4e6, 0.05);
}

TEST(GemmTime, TheTailOfTheLastWaveIsPaidInPart) {
  Machine m = round_machine();
  m.constants.gemm.p = 50;
  const double full =
      gemm_time(m, sixteen_bit(m), 2048, 1024, 65536)[CostPart::compute];  // 16 x 8 tiles: one wave
  const double over = gemm_time(m, sixteen_bit(m), 2049, 1024, 65536)[CostPart::compute];  // 17 x 8: two
  EXPECT_NEAR(over / full, 2049.0 / 2048, 1e-3);
  m.constants.gemm.tail = 0.5;
  EXPECT_NEAR(gemm_time(m, sixteen_bit(m), 2049, 1024, 65536)[CostPart::compute] / full, 0.5 + 0.5 * 2, 1e-2);
}

TEST(GemmTime, NoProductReachesMoreThanThePeakOfItsUnits) {
  Machine m = make_machine(testing::h100());
  m.constants.gemm.compute_eff = 0.8;
  m.constants.gemm_fp8.compute_share = 1.5;
  const Storage fp8{.format = WeightFormat::fp8_tensor, .activation_bits = 8};
  EXPECT_EQ(precision_of(m, fp8, 2).compute_eff, 1);
}

TEST(GemmTime, EightBitUnitsAreUsedWhereTheyExist) {
  const Storage fp8{.format = WeightFormat::fp8_tensor, .activation_bits = 8};
  const Machine h100 = make_machine(testing::h100()), a100 = make_machine(testing::a100());
  const Precision on_h100 = precision_of(h100, fp8, 2), on_a100 = precision_of(a100, fp8, 2);
  EXPECT_EQ(on_h100.flops, h100.flops_fp8);
  EXPECT_EQ(on_h100.input_bytes, 1);
  EXPECT_EQ(on_a100.flops, a100.flops) << "weight-only";
  EXPECT_EQ(on_a100.weight_bytes, 1);
  EXPECT_EQ(on_a100.input_bytes, 2);
  EXPECT_EQ(on_a100.quantize_us, 0);
}

TEST(GemmTime, CastingCostsByTheActivation) {
  const Storage fp8{.format = WeightFormat::fp8_tensor, .activation_bits = 8};
  const Machine h100 = make_machine(testing::h100());
  const Precision cast = precision_of(h100, fp8, 2);
  const auto cost_of_cast = [&](double m, double k) {
    return gemm_time(h100, cast, m, 4096, k).total() -
           gemm_time(h100, after_elementwise(cast), m, 4096, k).total();
  };
  const GemmFp8Constants& c = h100.constants.gemm_fp8;
  EXPECT_NEAR(cost_of_cast(1000, 8000), c.quantize_us + 8 * c.cast_us, 1e-9);
  EXPECT_NEAR(cost_of_cast(1, 1), c.quantize_us, 1e-4);
}

struct FormatRow {
  WeightFormat format;
  int activation_bits;
  double weight_bytes;
  bool casts_on_h100;
  bool cast_fuses = false;
};
class Precisions : public ::testing::TestWithParam<FormatRow> {};
TEST_P(Precisions, FollowTheFormat) {
  const Machine h100 = make_machine(testing::h100());
  Storage q;
  q.format = GetParam().format;
  q.activation_bits = GetParam().activation_bits;
  const Precision p = precision_of(h100, q, 2);
  EXPECT_DOUBLE_EQ(p.weight_bytes, GetParam().weight_bytes);
  EXPECT_EQ(p.quantize_us > 0, GetParam().casts_on_h100);
  EXPECT_EQ(after_elementwise(p).quantize_us > 0, GetParam().casts_on_h100 && !GetParam().cast_fuses);
}
INSTANTIATE_TEST_SUITE_P(Formats, Precisions,
                         ::testing::Values(FormatRow{WeightFormat::native, 16, 2, false},
                                           FormatRow{WeightFormat::fp8_tensor, 8, 1, true, true},
                                           FormatRow{WeightFormat::fp8_channel, 8, 1, true, true},
                                           FormatRow{WeightFormat::fp8_block, 8, 1 + 4.0 / (128 * 128), true},
                                           FormatRow{WeightFormat::fp8_channel, 16, 1, false},
                                           FormatRow{WeightFormat::int8, 8, 1, true},
                                           FormatRow{WeightFormat::int4, 16, (4 + 20.0 / 128) / 8, false},
                                           FormatRow{WeightFormat::mxfp4, 16, 4.25 / 8, false},
                                           FormatRow{WeightFormat::nvfp4, 4, 4.5 / 8, false}));

KernelCost attention_time(const Machine& machine, const AttentionShape& shape,
                          std::span<const PrefillChunk> prefills, const DecodeBatch& decodes) {
  return AttentionTime(machine, shape).mixed(prefills, decodes);
}

AttentionShape gqa() {
  return {.heads = 32, .kv_heads = 8, .qk_dim = 128, .v_dim = 128, .kv_bytes = 4096};
}

TEST(AttentionTime, DecodeReadsTheCacheAndPaysForItsTiles) {
  // (32 x 1024 + 32) x 4096 B / 2.7e6 = 49.758 us; 32 x 8 tiles x 4 / 128 = 8; joined 50.397; log2(16) x 0.5.
  const KernelCost c =
      attention_time(round_machine(), gqa(), {}, {.sequences = 32, .tokens = 32, .context = 32 * 1024});
  EXPECT_NEAR(c[CostPart::kv], 50.397, 0.01);
  EXPECT_EQ(c[CostPart::launch], 10 + 0.5 * 4);
  EXPECT_EQ(c[CostPart::compute], 0);
}

TEST(AttentionTime, PrefillWorkAddsOverChunks) {
  const Machine m = round_machine();
  const PrefillChunk whole[] = {{1024, 0, true}};
  const PrefillChunk first[] = {{512, 0, false}}, second[] = {{512, 512, true}};
  const double together = attention_time(m, gqa(), whole, {})[CostPart::compute];
  const double apart = attention_time(m, gqa(), first, {})[CostPart::compute] +
                       attention_time(m, gqa(), second, {})[CostPart::compute];
  EXPECT_NEAR(together, apart, 1e-9);
  // 4 x 32 x 128 x 1024 x (1024 + 32) / 2 / 500e6: tiles hold 32 rows of each of 4 heads
  EXPECT_NEAR(together, 4.0 * 32 * 128 * 1024 * 528 / 500e6, 1e-9);
}

TEST(AttentionTime, AWindowBoundsWhatAPositionSees) {
  AttentionShape windowed = gqa();
  windowed.window = 128;
  const PrefillChunk at_8k[] = {{512, 8192, true}}, at_64k[] = {{512, 65536, true}};
  EXPECT_EQ(attention_time(round_machine(), windowed, at_8k, {}).total(),
            attention_time(round_machine(), windowed, at_64k, {}).total());
  EXPECT_LT(attention_time(round_machine(), windowed, at_8k, {}).total(),
            attention_time(round_machine(), gqa(), at_8k, {}).total());
}

TEST(AttentionTime, AMixedBatchNeverCostsLessThanEitherPart) {
  const PrefillChunk chunk[] = {{256, 1024, true}};
  const DecodeBatch decodes{.sequences = 16, .tokens = 16, .context = 16 * 2048};
  for (auto kernel : {AttentionKernel::flash2, AttentionKernel::flash3, AttentionKernel::separate}) {
    const Machine m = round_machine(kernel);
    const double mixed = attention_time(m, gqa(), chunk, decodes).total();
    EXPECT_GE(mixed, attention_time(m, gqa(), chunk, {}).total());
    EXPECT_GE(mixed, attention_time(m, gqa(), {}, decodes).total());
  }
}

TEST(AllReduceTime, TakesTheFasterOfTwoAlgorithms) {
  const Machine m = round_machine();
  const Group four{4, 0.5e6};
  // Small: 4 + 3 + 3 x 1000 / 0.25e6. Large: 10 + 3 + 1.5 x 1e8 / 0.4e6.
  EXPECT_NEAR(all_reduce_time(m, four, 1000)[CostPart::communication], 7.012, 1e-3);
  EXPECT_NEAR(all_reduce_time(m, four, 1e8)[CostPart::communication], 388, 1e-6);
  EXPECT_EQ(all_reduce_time(m, Group{1, 0}, 1e8).total(), 0);
}

TEST(MoeTime, ReadsTheExpertsThatTheBatchReaches) {
  const MoeShape mixtral{.hidden = 4096, .ffn = 14336, .experts = 8, .local_experts = 8, .per_token = 2};
  EXPECT_DOUBLE_EQ(touched_experts(mixtral, 1), 2);
  EXPECT_NEAR(touched_experts(mixtral, 2), 8 * (1 - 0.5625), 1e-12);
  EXPECT_NEAR(touched_experts(mixtral, 100), 8, 1e-9);
  const Machine m = round_machine();
  const double one = moe_time(m, sixteen_bit(m), mixtral, 1)[CostPart::weights];
  EXPECT_NEAR(one, 2 * 3.0 * 4096 * 14336 * 2 / 3e6, 1.5) << "two experts of three matrices";
}

TEST(MoeTime, MovesTheActivationsOfEachRowAndToken) {
  Machine m = round_machine();
  m.flops = 1e30;  // memory alone binds
  const MoeShape one_expert{.hidden = 4096, .ffn = 1024, .experts = 1, .local_experts = 1, .per_token = 1};
  const double more = moe_time(m, sixteen_bit(m), one_expert, 1001)[CostPart::activations] -
                      moe_time(m, sixteen_bit(m), one_expert, 1)[CostPart::activations];
  // A row in, gate and up, their product, and a row out of the experts; tokens in and out of the layer.
  EXPECT_NEAR(more, 1000 * ((2 * 4096 + 3 * 1024) * 2 + 4 * 4096) / 3e6, 1e-6);
}

TEST(LayerOperators, ExpertsThatAreSpreadExchangeInPlaceOfAnAllReduce) {
  const auto reductions = [](int data) {
    const Deployment d = make_deployment(testing::mixtral(), testing::h100(),
                                         {.tensor = 2, .data = data, .expert_parallel = true}, 0,
                                         ExpertExchange::gather, true);
    const double one = all_reduce_time(d.machine, d.tensor_group, 2.0 * 16 * 4096)[CostPart::communication];
    double communication = 0;
    bool exchanges = false;
    for (const Operator& op : layer_operators(d, layer_work(d.model.layers.runs().front(), d.parallel), 16)) {
      if (op.name == "all_reduce") communication += op.cost.total();
      exchanges = exchanges || op.name == "expert_exchange";
    }
    EXPECT_EQ(exchanges, data > 1);
    return communication / one;
  };
  EXPECT_DOUBLE_EQ(reductions(1), 2) << "after attention and after the experts";
  EXPECT_DOUBLE_EQ(reductions(2), 1) << "after attention only";
}

TEST(MoeTime, SpreadExpertsShareTheWork) {
  const Machine m = round_machine();
  const MoeShape all{.hidden = 4096, .ffn = 1536, .experts = 128, .local_experts = 128, .per_token = 8};
  MoeShape share = all;
  share.local_experts = 32;
  EXPECT_LT(moe_time(m, sixteen_bit(m), share, 256).total(),
            moe_time(m, sixteen_bit(m), all, 256).total() / 2);
}

}  // namespace
}  // namespace blis
