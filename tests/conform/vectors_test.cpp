// Every shipped schedule vector, on the oracle.
#include <gtest/gtest.h>

#include "tests/conform/shipped_vectors.h"
#include "tests/oracle/subject.h"
#include "tools/conform/replay.h"

namespace blis::conform {
namespace {

void expect_all_pass(const std::vector<Vector>& vectors, const Subject& subject) {
  for (const Vector& vector : vectors) {
    const ReplayVerdict verdict = replay(vector, subject);
    EXPECT_TRUE(verdict.passed()) << to_string(verdict);
  }
}

TEST(Vectors, OracleReplaysEveryVectorFromFactsOfVllmsTests) {
  const std::vector<Vector> vectors = shipped_vectors("vectors.json");
  ASSERT_EQ(vectors.size(), 55u);
  expect_all_pass(vectors, oracle::subject());
}

TEST(Vectors, OracleReplaysEveryScheduleRecordedFromTheRealCode) {
  const std::vector<Vector> vectors = shipped_vectors("golden.json");
  ASSERT_EQ(vectors.size(), 72u);
  expect_all_pass(vectors, oracle::subject());
}

// Recorded from vLLM of 2026-08-20, a file a feature.
class Newer : public testing::TestWithParam<const char*> {};
TEST_P(Newer, OracleReplaysEverySchedule) {
  expect_all_pass(shipped_vectors("2026-08-20/" + std::string(GetParam()) + ".json"), oracle::subject());
}
INSTANTIATE_TEST_SUITE_P(Vectors, Newer, testing::ValuesIn(kNewerVectors),
                         [](const auto& info) { return std::string(info.param); });

TEST(Vectors, OracleReplaysWhatDifferentialRunsHaveFound) {
  expect_all_pass(shipped_vectors("found.json"), oracle::subject());
}

}  // namespace
}  // namespace blis::conform
