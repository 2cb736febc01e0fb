// Scores: errors, groups, peers, order, and the documents they end up in.
#include "tools/score/scoreboard.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "blis/error.hpp"
#include "tools/score/case_reader.h"

namespace blis {
namespace {

const std::string kMeasuredCases = BLIS_SOURCE_DIR "/tests/score/measured";
const std::vector<std::string> kFolders{kMeasuredCases};

TEST(ErrorSummary, IsOfAbsoluteErrorsAndTheSignedMedian) {
  const ErrorSummary s = summarize_errors({-20, 5, -10, 1, 30});
  EXPECT_EQ(s.count, 5u);
  EXPECT_EQ(s.median_ape, 10);
  EXPECT_NEAR(s.mean_ape, 13.2, 1e-12);
  EXPECT_NEAR(s.within_10pct, 0.6, 1e-12);
  EXPECT_EQ(s.median_signed, 1);
}

TEST(ErrorSummary, OfNothingIsNotANumber) {
  EXPECT_TRUE(std::isnan(summarize_errors({}).median_ape));
  EXPECT_TRUE(std::isnan(signed_error_pct(3, 0)));
}

// A run of one stage whose every figure was measured as 100.
struct HandMade {
  MeasuredCase c;
  explicit HandMade(std::string id) {
    c.id = std::move(id);
    c.family = "f";
  }
  CaseOutcome outcome(double predicted) {
    CaseOutcome out;
    out.measured = &c;
    out.gpu = "GPU";
    for (const int index : {-1, 0}) {
      StageOutcome& stage = out.stages.emplace_back();
      stage.index = index;
      stage.measured.values.fill(100);
      stage.predicted.values.fill(predicted);
    }
    return out;
  }
};

const ErrorSummary* find(const std::vector<GroupSummary>& groups, const std::string& name, Metric metric) {
  for (const GroupSummary& group : groups) {
    for (const MetricSummary& m : group.metrics) {
      if (group.group == name && m.metric == metric) return &m.errors;
    }
  }
  return nullptr;
}

TEST(Groups, KeepOverloadedRunsApart) {
  HandMade a("a"), b("b");
  b.c.overload = true;
  const std::vector<CaseOutcome> outcomes{a.outcome(90), b.outcome(300)};
  const std::vector<GroupSummary> groups = summarize_groups(outcomes);
  EXPECT_EQ(find(groups, "all", Metric::tpot_mean)->count, 1u);
  EXPECT_EQ(find(groups, "all", Metric::tpot_mean)->median_signed, -10);
  EXPECT_EQ(find(groups, "GPU", Metric::tpot_mean)->count, 1u);
  EXPECT_EQ(find(groups, "f", Metric::e2e_p99)->count, 1u);
  EXPECT_EQ(find(groups, "overload", Metric::tpot_mean), nullptr);
  EXPECT_EQ(find(groups, "overload", Metric::output_throughput)->median_signed, 200);
  EXPECT_NE(find(groups, "dense", Metric::tpot_mean), nullptr);
  EXPECT_EQ(find(groups, "moe", Metric::tpot_mean), nullptr);
}

TEST(Groups, KeepDoubtfulFiguresApart) {
  HandMade a("a");
  std::vector<CaseOutcome> outcomes{a.outcome(90)};
  outcomes[0].stages[0].doubtful.marked[static_cast<std::size_t>(Metric::ttft_mean)] = true;
  const std::vector<GroupSummary> groups = summarize_groups(outcomes);
  EXPECT_EQ(find(groups, "all", Metric::ttft_mean), nullptr);
  EXPECT_EQ(find(groups, "doubtful", Metric::ttft_mean)->median_signed, -10);
  EXPECT_EQ(find(groups, "all", Metric::tpot_mean)->count, 1u);
}

TEST(Groups, CountEveryStageOfARunThatPooledNone) {
  HandMade a("a");
  std::vector<CaseOutcome> outcomes{a.outcome(90)};
  outcomes[0].stages.resize(1);
  outcomes[0].stages[0].index = 0;
  outcomes[0].stages.push_back(outcomes[0].stages[0]);
  EXPECT_EQ(find(summarize_groups(outcomes), "all", Metric::tpot_mean)->count, 2u);
}

TEST(Ranking, ComparesBurstsOfOnePageByThroughput) {
  HandMade a("a");
  a.c.loop = Loop::at_once;
  a.c.page = "p";
  HandMade b = a, other = a;
  b.c.replicas = 2;
  other.c.page = "another";
  other.c.tensor = 2;
  std::vector<CaseOutcome> outcomes{a.outcome(100), b.outcome(180), other.outcome(1)};
  for (StageOutcome& stage : outcomes[1].stages) stage.measured.values.fill(190);
  for (StageOutcome& stage : outcomes[2].stages) stage.measured.values.fill(300);
  const std::vector<Ranking> rankings = rank_pairs(outcomes);
  ASSERT_EQ(rankings.size(), 1u);
  EXPECT_EQ(rankings[0].metric, Metric::output_throughput);
  EXPECT_EQ(rankings[0].right, 1u);
}

TEST(Ranking, CountsPairsThatDifferInOneDecision) {
  HandMade a("a");
  a.c.gpu = "X";
  a.c.engine_args = {{"k", "1"}};
  a.c.stages.resize(1);
  HandMade b = a, c = a, d = a;
  b.c.gpu = "Y";
  c.c.engine_args = {{"k", "2"}};
  d.c.model = "another";
  std::vector<CaseOutcome> outcomes{a.outcome(100), b.outcome(80), c.outcome(101), d.outcome(1)};
  for (StageOutcome& stage : outcomes[1].stages) stage.measured.values.fill(60);
  for (StageOutcome& stage : outcomes[2].stages) stage.measured.values.fill(110);
  const std::vector<Ranking> rankings = rank_pairs(outcomes);
  ASSERT_EQ(rankings.size(), 6u);
  EXPECT_EQ(rankings[0].right, 2u);  // a and c against b
  EXPECT_EQ(rankings[0].wrong, 0u);
  EXPECT_EQ(rankings[3].tied, 1u);  // a against c: 10 % measured, 1 % predicted
}

std::vector<CaseOutcome> simulated(std::span<const MeasuredCase> cases, unsigned threads) {
  AccuracyOptions options;
  options.seeds = 2;
  options.threads = threads;
  return simulate_cases(cases, Catalog(BLIS_SOURCE_DIR), options);
}

TEST(Scoreboard, IsTheSameAtAnyNumberOfThreads) {
  const std::vector<MeasuredCase> cases = read_cases(kMeasuredCases);
  const std::string one = to_json(make_scoreboard(simulated(cases, 1), kFolders));
  EXPECT_EQ(one, to_json(make_scoreboard(simulated(cases, 3), kFolders)));
}

TEST(Scoreboard, HasEveryCaseOfAFolder) {
  const std::vector<MeasuredCase> cases = read_cases(kMeasuredCases);
  const Scoreboard board = make_scoreboard(simulated(cases, 0), kFolders);
  const nlohmann::json json = nlohmann::json::parse(to_json(board));
  ASSERT_EQ(json["cases"].size(), 6u);
  EXPECT_EQ(json["cases"][0]["gpu"], "H100-SXM");
  EXPECT_GT(json["cases"][0]["stages"][0]["ttft_mean"]["predicted"], 8);
  EXPECT_LT(json["cases"][0]["stages"][0]["ttft_mean"]["predicted"], 60);
  ASSERT_EQ(json["cases"][4]["points"].size(), 2u);
  EXPECT_EQ(json["cases"][4]["points"][0]["measured_tpot_ms"], 9);  // the mean of two at one concurrency
  EXPECT_NE(json["cases"][5]["problem"].get<std::string>().find("no-model"), std::string::npos);
  EXPECT_EQ(json["summary"]["all"]["tpot_mean"]["count"], 3);
  EXPECT_EQ(json["summary"]["overload"]["output_throughput"]["count"], 1);
  EXPECT_EQ(json["summary"]["curves"]["tpot_mean"]["count"], 1);
  // Pooled stages of full runs that are not overloaded, ITL corrected.
  ASSERT_EQ(json["peers"].size(), 1u);
  EXPECT_EQ(json["peers"][0]["runs"], 1);
  EXPECT_EQ(json["peers"][0]["e2e_mean"]["theirs"]["median_ape"], 25);
  EXPECT_EQ(json["peers"][0]["tpot_mean"]["theirs"]["median_ape"], 50);
  const std::string text = to_text(board, true);
  for (const char* const part : {"drawn", "stage 0", "concurrency     4", "Not simulated", "other (1 runs"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

TEST(Scoreboard, RepeatedPromptsHitTheCache) {
  std::vector<MeasuredCase> cases = read_cases(kMeasuredCases);
  cases.resize(1);
  std::vector<MeasuredCase> unique = cases;
  unique[0].pool.distinct = 0;
  const double pooled_ttft = pooled(simulated(cases, 1)[0])->predicted[Metric::ttft_mean];
  EXPECT_LT(pooled_ttft + 1, pooled(simulated(unique, 1)[0])->predicted[Metric::ttft_mean]);
}

// One request of a kind after another: what became of each case.
class Coverages : public testing::Test {
 protected:
  // Of the cases of the folder, the recorded one, changed.
  static CaseOutcome outcome(const std::function<void(MeasuredCase&)>& change) {
    static MeasuredCase c;  // outlives the outcome
    c = read_cases(kMeasuredCases).at(2);
    change(c);
    return simulated(std::span(&c, 1), 1).at(0);
  }
};

TEST_F(Coverages, ARunThatDoesNotFitIsRefusedOrRunAtItsShortest) {
  const auto does_not_fit = [](MeasuredCase& c) {
    c.gpu_blocks.reset();
    c.engine_args = {{"engine.max_model_len", "131072"}, {"engine.gpu_memory_utilization", "0.3"}};
  };
  const CaseOutcome refused = outcome(does_not_fit);
  EXPECT_EQ(refused.coverage, Coverage::refused) << refused.problem;
  const CaseOutcome shortened = outcome([&](MeasuredCase& c) {
    does_not_fit(c);
    c.args_if_refused = {{"engine.max_model_len", "2048"}};
  });
  EXPECT_EQ(shortened.problem, "");
  EXPECT_TRUE(shortened.shortened);
  const CoverageCount n = count_coverage(std::vector{refused, shortened});
  EXPECT_EQ(n.scored, 1);
  EXPECT_EQ(n.refused, 2);
  EXPECT_EQ(n.refused_as_stated, 1);
}

TEST_F(Coverages, WhatNobodyKnowsIsNotExpressible) {
  EXPECT_EQ(outcome([](MeasuredCase& c) { c.gpu = "no-gpu"; }).coverage, Coverage::not_expressible);
  // The catalog has this model in 8 bits alone, and it ran in 4.
  const CaseOutcome other = outcome([](MeasuredCase& c) {
    c.model = "llama-3.1-405b-instruct-fp8";
    c.weights = "nvfp4";
  });
  EXPECT_EQ(other.coverage, Coverage::not_expressible);
  EXPECT_NE(other.problem.find("nvfp4 ran"), std::string::npos) << other.problem;
}

TEST_F(Coverages, AMissingFileCostsItsCaseWithItsName) {
  const CaseOutcome missing = outcome([](MeasuredCase& c) { c.per_request_csv = "nowhere.csv"; });
  EXPECT_EQ(missing.coverage, Coverage::unreadable);
  EXPECT_NE(missing.problem.find("nowhere.csv"), std::string::npos) << missing.problem;
}

TEST_F(Coverages, ARequestBeyondTheLimitContradictsItsCase) {
  const CaseOutcome longer = outcome([](MeasuredCase& c) {
    c.engine_args = {{"engine.max_model_len", "16"}};
  });
  EXPECT_EQ(longer.coverage, Coverage::not_expressible);
  EXPECT_NE(longer.problem.find("contradicts itself"), std::string::npos) << longer.problem;
}

TEST(LeaveOut, RefitsWithoutEachFamily) {
  std::vector<MeasuredCase> cases = read_cases(kMeasuredCases);
  cases.erase(cases.begin() + 3, cases.end());
  for (MeasuredCase& c : cases) {  // tiny: hundreds of simulations
    c.stages.resize(1);
    c.stages[0].num_requests = 3;
  }
  cases[1].family = "second";
  AccuracyOptions options;
  options.seeds = 1;
  const std::vector<LeftOut> left_out = leave_families_out(cases, Catalog(BLIS_SOURCE_DIR), options);
  ASSERT_EQ(left_out.size(), 2u);
  EXPECT_EQ(left_out[1].what, "second");
  EXPECT_EQ(left_out[1].cases.size(), 1u);
  for (std::size_t i = 0; i < fitted_constants().size(); ++i) {
    EXPECT_GE(left_out[0].refitted[i].second, fitted_constants()[i].low);
    EXPECT_LE(left_out[0].refitted[i].second, fitted_constants()[i].high);
  }
  EXPECT_FALSE(to_text(left_out).empty());
}

TEST(LeaveOut, NeedsTheFoldersOfTheFit) {
  const std::vector<MeasuredCase> cases = read_cases(kMeasuredCases);
  EXPECT_THROW(leave_gpus_out(cases, Catalog(BLIS_SOURCE_DIR), "nowhere", {}), InputError);
}

TEST(Scoreboard, ANightlyBuildGoesByTheDateOfItsMeasurement) {
  std::vector<MeasuredCase> cases = read_cases(kMeasuredCases);
  cases = {cases[4]};
  cases[0].version = "nightly-5b8c30d6";
  const std::vector<CaseOutcome> outcomes = simulated(cases, 1);
  EXPECT_EQ(outcomes[0].problem, "");
  EXPECT_EQ(outcomes[0].points.size(), 2u);
}

std::string shared_folder(const std::string& name) {
  const char* const given = std::getenv("BLIS_SHARED");
  return std::string(given ? given : BLIS_SOURCE_DIR "/../shared") + "/" + name;
}

TEST(MeasuredRuns, AreAsManyAsTheCatalogSaysOfEachGpu) {
  const std::vector<std::string> folders{shared_folder("measured"), shared_folder("measured2")};
  for (const std::string& folder : folders) {
    if (!std::filesystem::exists(folder + "/cases.jsonl")) GTEST_SKIP() << "no measured runs in " << folder;
  }
  const Catalog catalog(BLIS_SOURCE_DIR);
  std::map<std::string, int> runs;
  for (const MeasuredCase& c : read_cases(folders)) {
    const bool can_be_scored = !c.is_curve() || !c.points.empty();
    if (c.problem.empty() && c.judged() && can_be_scored) ++runs[catalog.hardware(c.gpu, {}).name];
  }
  for (const Hardware& gpu : read_all_hardware(catalog.hardware_path())) {
    EXPECT_EQ(gpu.measured_runs, runs[gpu.name]) << gpu.name;
  }
}

// The promise, on a part of the real runs that is quick to simulate.
TEST(MeasuredRuns, AreMetWithinTheTargets) {
  const std::string folder = shared_folder("measured");
  if (!std::filesystem::exists(folder + "/cases.jsonl")) GTEST_SKIP() << "no measured runs in " << folder;
  std::vector<MeasuredCase> cases = read_cases(folder);
  std::erase_if(cases,
                [](const MeasuredCase& c) { return c.is_curve() || c.overload || c.engine_args.empty(); });
  std::erase_if(cases,
                [](const MeasuredCase& c) { return c.stages.empty() || c.stages[0].num_requests > 2000; });
  ASSERT_GE(cases.size(), 5u);
  AccuracyOptions options;
  options.seeds = 1;
  const std::vector<GroupSummary> groups =
      summarize_groups(simulate_cases(cases, Catalog(BLIS_SOURCE_DIR), options));
  EXPECT_LE(find(groups, "all", Metric::tpot_mean)->median_ape, 3);
  EXPECT_LE(find(groups, "all", Metric::e2e_mean)->median_ape, 3);
  EXPECT_LE(find(groups, "all", Metric::e2e_p99)->median_ape, 5);
  EXPECT_LE(find(groups, "all", Metric::ttft_mean)->median_ape, 4);
  EXPECT_LE(find(groups, "all", Metric::ttft_p90)->median_ape, 6);
}

}  // namespace
}  // namespace blis
