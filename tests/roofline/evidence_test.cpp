// What is said to speak for a GPU's step times.
#include "roofline/evidence.h"

#include <gtest/gtest.h>

namespace blis {
namespace {

TEST(Evidence, NamesTablesWhoseTheyAreAndRuns) {
  Hardware gpu;
  EXPECT_EQ(to_string(evidence_of(gpu)), "data sheet only");
  gpu.measured_runs = 1;
  EXPECT_EQ(to_string(evidence_of(gpu)), "data sheet and 1 serving run");
  gpu.calibrated.emplace();
  gpu.calibrated_source = "tools/fit on kernel tables";
  EXPECT_EQ(to_string(evidence_of(gpu)), "kernel tables and 1 serving run");
  gpu.measured_runs = 0;
  EXPECT_EQ(to_string(evidence_of(gpu)), "kernel tables");
  gpu.calibrated_source =
      "constants of L40S, the same chip or its family; not measured on this card: tools/fit";
  EXPECT_EQ(to_string(evidence_of(gpu)), "kernel tables of L40S");
  EXPECT_EQ(evidence_of(gpu).kernels, KernelEvidence::sister_tables);
}

}  // namespace
}  // namespace blis
