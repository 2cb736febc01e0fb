// Costs by part: what lies within another part, and sums.
#include "roofline/kernel_cost.h"

#include <gtest/gtest.h>

#include "roofline/gemm_time.h"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

TEST(KernelCost, TellingAPartApartChangesNoTotal) {
  KernelCost told(CostPart::weights, 0.1), whole(CostPart::weights, 0.1);
  told.add<CostPart::activations>(0.7);
  whole.add<CostPart::weights>(0.7);
  told.tell_apart<CostPart::sampling>(0.05);
  EXPECT_EQ(told.total(), whole.total());
  EXPECT_EQ(told[CostPart::activations], 0.7);
  EXPECT_NEAR(told[CostPart::weights], 0.05, 1e-15);
  EXPECT_NEAR(whole[CostPart::weights], 0.8, 1e-15);
}

TEST(KernelCost, IsNowhereNegativeForRounding) {
  KernelCost cost;
  for (int i = 0; i < 10; ++i) cost.add<CostPart::activations>(0.1);
  KernelCost scaled = 1.0 / 3 * cost;
  scaled += cost;
  EXPECT_EQ(scaled[CostPart::weights], 0);
  EXPECT_GE((1.0 / 3 * cost + 0.7 * cost)[CostPart::weights], 0);
}

TEST(GemmTime, ReadsWeightsAndMovesOperandsByTheirBytes) {
  const Machine machine = make_machine(testing::h100());
  const Precision precision = precision_of(machine, Storage{}, 2);
  const KernelCost c = gemm_time(machine, precision, 8, 4096, 1024);
  const double weights = 4096.0 * 1024 * 2, operands = 8.0 * (4096 + 1024) * 2;
  EXPECT_NEAR(c[CostPart::activations] / c[CostPart::weights], operands / weights, 1e-12);
  EXPECT_EQ(c[CostPart::compute], 0);
}

}  // namespace
}  // namespace blis
