// The production engine, on the shipped vectors and beside the oracle: with run-ahead and without.
#include "tools/conform/production.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/conform/shipped_vectors.h"
#include "tests/oracle/differential.h"
#include "tools/conform/replay.h"

namespace blis::conform {
namespace {

SchedulerFactory production(RunAhead run_ahead) {
  return [run_ahead](const VectorConfig& config) { return make_production_scheduler(config, run_ahead); };
}

// With run-ahead, only runs: scripts look at block ids.
void expect_all_pass(const std::vector<Vector>& vectors, RunAhead run_ahead) {
  Subject subject = production_subject();
  subject.scheduler = production(run_ahead);
  for (const Vector& vector : vectors) {
    if (run_ahead == RunAhead::on && !std::holds_alternative<RunVector>(vector.body)) continue;
    const ReplayVerdict verdict = replay(vector, subject);
    EXPECT_TRUE(verdict.passed()) << to_string(verdict);
  }
}

TEST(Production, ReplaysEveryVectorFromFactsOfVllmsTests) {
  expect_all_pass(shipped_vectors("vectors.json"), RunAhead::off);
}
TEST(Production, ReplaysTheRunsAmongThemWhenItRunsAhead) {
  expect_all_pass(shipped_vectors("vectors.json"), RunAhead::on);
}
TEST(Production, ReplaysEveryScheduleRecordedFromTheRealCode) {
  expect_all_pass(shipped_vectors("golden.json"), RunAhead::off);
}
TEST(Production, ReplaysThemWhenItRunsAhead) {
  expect_all_pass(shipped_vectors("golden.json"), RunAhead::on);
}

class NewerProduction : public testing::TestWithParam<const char*> {};
TEST_P(NewerProduction, ReplaysEverySchedule) {
  const std::vector<Vector> vectors = shipped_vectors("2026-08-20/" + std::string(GetParam()) + ".json");
  expect_all_pass(vectors, RunAhead::off);
  expect_all_pass(vectors, RunAhead::on);
}
INSTANTIATE_TEST_SUITE_P(Production, NewerProduction, testing::ValuesIn(kNewerVectors),
                         [](const auto& info) { return std::string(info.param); });

TEST(Production, ReplaysWhatDifferentialRunsHaveFound) {
  expect_all_pass(shipped_vectors("found.json"), RunAhead::off);
  expect_all_pass(shipped_vectors("found.json"), RunAhead::on);
}

TEST(Production, ReplaysTheEdgesOfTheFormat) {
  expect_all_pass(shipped_vectors("edges.json"), RunAhead::off);
}

// BLIS_DIFFERENTIAL_SCENARIOS: how many; BLIS_DIFFERENTIAL_FIRST_SEED: from where.
oracle::DifferentialOptions differential(RunAhead run_ahead) {
  const char* scenarios = std::getenv("BLIS_DIFFERENTIAL_SCENARIOS");
  const char* first_seed = std::getenv("BLIS_DIFFERENTIAL_FIRST_SEED");
  oracle::DifferentialOptions options{.first_seed = first_seed ? std::strtoull(first_seed, nullptr, 10) : 0,
                                      .scenarios = scenarios ? std::atoi(scenarios) : 760,
                                      .with_blocks = run_ahead == RunAhead::off,
                                      .suits = {}};
  std::printf("%d scenarios, seeds from %llu\n", options.scenarios,
              static_cast<unsigned long long>(options.first_seed));
  return options;
}

TEST(Production, DecidesAsTheOracleDoesBlockByBlock) {
  const auto found = oracle::find_disagreement(production(RunAhead::off), differential(RunAhead::off));
  EXPECT_FALSE(found) << to_string(*found);
}

TEST(Production, DecidesAsTheOracleDoesWhenItRunsAhead) {
  const auto found = oracle::find_disagreement(production(RunAhead::on), differential(RunAhead::on));
  EXPECT_FALSE(found) << to_string(*found);
}

}  // namespace
}  // namespace blis::conform
