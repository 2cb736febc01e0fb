// Schedules recorded from vLLM's real scheduler of 2026-08-20 whose KV cache is more than full attention:
// what windows and states keep, groups of every kind, a reset of the prefix
// cache with a step in flight, and KV that comes from elsewhere.
#include <gtest/gtest.h>

#include "tests/conform/shipped_vectors.h"
#include "tests/oracle/subject.h"
#include "tools/conform/production.h"
#include "tools/conform/replay.h"

namespace blis::conform {
namespace {

struct Recorded {
  const char* file;
  std::size_t vectors;
};

class RecordedKv : public testing::TestWithParam<Recorded> {
 protected:
  std::vector<Vector> vectors() const {
    return shipped_vectors(std::string("2026-08-20/") + GetParam().file + ".json");
  }
};

TEST_P(RecordedKv, IsReplayedByTheOracle) {
  ASSERT_EQ(vectors().size(), GetParam().vectors);
  for (const Vector& vector : vectors()) {
    const ReplayVerdict verdict = replay(vector, oracle::subject());
    EXPECT_TRUE(verdict.passed()) << to_string(verdict);
  }
}

TEST_P(RecordedKv, IsReplayedByTheEngine) {
  for (const Vector& vector : vectors()) {
    const ReplayVerdict verdict = replay(vector, production_subject());
    EXPECT_TRUE(verdict.passed()) << to_string(verdict);
  }
}

// Scripts look at block ids, which nobody follows then.
TEST_P(RecordedKv, IsReplayedByTheEngineWhenItRunsAhead) {
  Subject subject = production_subject();
  subject.scheduler = [](const VectorConfig& config) {
    return make_production_scheduler(config, RunAhead::on);
  };
  for (const Vector& vector : vectors()) {
    if (!std::holds_alternative<RunVector>(vector.body)) continue;
    const ReplayVerdict verdict = replay(vector, subject);
    EXPECT_TRUE(verdict.passed()) << to_string(verdict);
  }
}

INSTANTIATE_TEST_SUITE_P(Vllm20260820, RecordedKv,
                         testing::Values(Recorded{"swa0", 16}, Recorded{"swaN", 7}, Recorded{"mnone", 10},
                                         Recorded{"malign", 16}, Recorded{"mall", 10}, Recorded{"chunk", 13},
                                         Recorded{"reset", 10}, Recorded{"conn", 12}, Recorded{"conna", 13}),
                         [](const testing::TestParamInfo<Recorded>& info) { return info.param.file; });

}  // namespace
}  // namespace blis::conform
