// Who chooses among engines where nobody says: vLLM among its data-parallel ranks, by the rule of its
// version.
#include "scenarios/router_rules.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "problems.h"
#include "settings.h"
#include "sim/metrics.h"
#include "temp_folder.h"

namespace blis {
namespace {

constexpr const char* kDense = R"(version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
engine: { max_model_len: 8192 }
workload:
  kind: synthetic
  num_requests: 400
  arrival: { process: gamma, request_rate: 60, burstiness: 0.25 }
  input_tokens: { distribution: lognormal, mean: 1500, stddev: 1500, min: 8, max: 7000 }
  output_tokens: { distribution: lognormal, mean: 250, stddev: 200, min: 2, max: 1000 }
)";

using Options = std::vector<std::pair<std::string, double>>;

TEST(RouterRules, RanksOfOneVllmAreBalancedByVllm) {
  const ResolvedScenario d = resolved(kDense, {"engine.data_parallel_size=4"});
  EXPECT_EQ(d.scenario.router.policy, "vllm_balance");
  EXPECT_EQ(d.scenario.origins.at("router.policy"), "vLLM's own among its data-parallel ranks");
  EXPECT_EQ(build(d).config.router.policy, "vllm_balance");
}

TEST(RouterRules, IndependentReplicasTakeTurns) {
  EXPECT_EQ(resolved(kDense, {"replicas=4"}).scenario.router.policy, "round_robin");
  EXPECT_EQ(resolved(kDense, {}).scenario.router.policy, "round_robin");
}

TEST(RouterRules, ReplicasThatAreTakenForRanksHaveOneServerUnlessSaid) {
  const ResolvedScenario d = resolved(kDense, {"replicas=4", "router.policy=vllm_balance"});
  EXPECT_EQ(d.scenario.router.options.at(0), (std::pair<std::string, double>{"api_server_count", 1}));
  EXPECT_EQ(build(d).config.router.ranks_of_vllm, 0) << "all of them are one vLLM's";
}

TEST(RouterRules, WhatIsSaidWins) {
  const ResolvedScenario d = resolved(
      kDense, {"engine.data_parallel_size=4", "engine.vllm_version=0.26", "router.policy=least_requests"});
  EXPECT_EQ(d.scenario.router.policy, "least_requests");
  const ResolvedScenario rule = resolved(kDense, {"engine.data_parallel_size=4", "engine.vllm_version=0.26",
                                                  "router={before_july_2026: false, api_server_count: 2}"});
  EXPECT_EQ(rule.scenario.router.policy, "vllm_balance");
  EXPECT_EQ(
      rule.scenario.router.options,
      (Options{
          {"api_server_count", 2}, {"before_july_2026", 0}, {"rotates_ties", 1}, {"ranks_are_heard", 0}}));
}

// vllm#30739 (2026-01-02), #32525 (2026-01-22), #47420 (2026-07-06) and #49204 (2026-07-27).
TEST(RouterRules, TheRuleFollowsTheVersion) {
  struct Case {
    const char* version;
    const char* model;
    RankBalanceRule rule;
  };
  const char *const dense = "llama-3.1-8b-instruct", *const experts = "qwen3-30b-a3b";
  const Case cases[] = {
      {"0.13", dense, {1, true, false, true}},       {"2026-01-10", dense, {1, true, false, false}},
      {"0.25", dense, {3, true, false, false}},      {"0.26", dense, {3, true, true, false}},
      {"2026-07-26", dense, {3, true, true, false}}, {"2026-07-27", dense, {3, false, true, true}},
      {"0.27", dense, {3, false, true, true}},       {"0.29", dense, {3, false, true, true}},
      {"0.13", experts, {1, true, false, true}},     {"0.26", experts, {3, true, true, true}},
      {"0.27", experts, {3, false, true, true}},
  };
  for (const Case& c : cases) {
    const ResolvedScenario d =
        resolved(kDense, {std::string("model=") + c.model, "engine.data_parallel_size=3",
                          std::string("engine.vllm_version=") + c.version, "allow_unmodelled=true"});
    const RankBalanceRule rule = rank_balance(d);
    EXPECT_EQ(rule.api_servers, c.rule.api_servers) << c.version << " " << c.model;
    EXPECT_EQ(rule.by_queues, c.rule.by_queues) << c.version << " " << c.model;
    EXPECT_EQ(rule.rotates_ties, c.rule.rotates_ties) << c.version << " " << c.model;
    EXPECT_EQ(rule.ranks_are_heard, c.rule.ranks_are_heard) << c.version << " " << c.model;
  }
}

// Before vllm#30739 all ranks took their steps together.
TEST(RouterRules, RanksOfDenseModelsWentInStepOnce) {
  const auto parallel = [](const char* version) {
    return resolved(kDense, {"engine.data_parallel_size=3", std::string("engine.vllm_version=") + version});
  };
  EXPECT_EQ(parallel("0.13").parallel.data, 3);
  EXPECT_EQ(parallel("0.13").replicas, 1);
  EXPECT_EQ(parallel("0.14").parallel.data, 1);
  EXPECT_EQ(parallel("0.14").replicas, 3);
}

TEST(RouterRules, RanksInStepAreBalancedWithinTheirEngine) {
  const ResolvedScenario d =
      resolved(kDense, {"model=qwen3-30b-a3b", "engine.data_parallel_size=4", "engine.tensor_parallel_size=2",
                        "router.api_server_count=2", "replicas=2"});
  const EngineConfig engine = engine_config(d);
  EXPECT_EQ(engine.rank_balance.api_servers, 2);
  EXPECT_FALSE(engine.rank_balance.by_queues);
  EXPECT_EQ(build(d).config.router.policy, "round_robin") << "the two engines take turns";
}

// Two vLLMs of two ranks each: requests go to them in turn, and each chooses for itself.
TEST(RouterRules, SeveralVllmsBalanceTheirOwnRanks) {
  const ResolvedScenario d =
      resolved(kDense, {"engine.data_parallel_size=2", "replicas=2", "workload.num_requests=40"});
  BuiltSimulation built = build(d);
  EXPECT_EQ(built.config.router.ranks_of_vllm, 2);
  const RunResult result = simulate(built.config, *built.source);
  for (std::size_t i = 0; i < result.requests.size(); ++i)
    EXPECT_EQ(result.requests[i].replica / 2, i % 2) << "request " << i;
}

TEST(RouterRules, ParametersOfABalanceOfNothingAreRefused) {
  const Said said = said_by([] { resolved(kDense, {"replicas=2", "router.rotates_ties=false"}); });
  EXPECT_EQ(said.kind, ErrorKind::usage);
  EXPECT_EQ(
      said.heads.at(0),
      "--set router.rotates_ties=false: `router.rotates_ties` means nothing for the router `round_robin`");
  const ResolvedScenario d =
      resolved(kDense, {"router.api_server_count=2"});  // a flag that vLLM takes of all
  EXPECT_NE(d.warnings.back().find("api_server_count 2 changes nothing"), std::string::npos);
}

TEST(RouterRules, PoolsOfUnlikeRanksAreSaidToTakeTurns) {
  const auto pools = [](const char* second) {
    return resolved(kDense, {std::string("pools=[{name: a, engine: {data_parallel_size: 2}}, "
                                         "{name: b, engine: {data_parallel_size: ") +
                             second + "}}]"});
  };
  EXPECT_EQ(pools("2").scenario.router.policy, "vllm_balance");
  EXPECT_EQ(pools("4").scenario.router.policy, "round_robin");
  EXPECT_NE(pools("4").warnings.back().find("chosen in turn"), std::string::npos);
}

// Every fourth request is long: turns send all of these to one rank.
TEST(RouterRules, HearingOfQueuesShortensTheTimeToTheFirstToken) {
  const TempFolder folder;
  std::string rows;
  for (int i = 0; i < 240; ++i)
    rows += fmt::format("{}\n", fmt::format(R"({{"arrival_s": {}, "input_tokens": {}, "output_tokens": 20}})",
                                            i * 0.02, i % 4 == 0 ? 6000 : 100));
  const std::string trace = folder.write("rows.jsonl", rows);
  const auto ttft = [&](const std::string& version, const std::string& router) {
    BuiltSimulation built =
        build(resolved(kDense, {"engine.data_parallel_size=4", "engine.vllm_version=" + version,
                                "router=" + router, "workload={kind: trace, path: " + trace + "}"}));
    return summarize(simulate(built.config, *built.source), metrics_options(built.scenario())).ttft.mean;
  };
  const double balanced = ttft("0.29", "{api_server_count: 1}");
  EXPECT_LT(balanced, 0.8 * ttft("0.29", "{policy: round_robin}"));
  EXPECT_LT(balanced, 0.8 * ttft("0.26", "{api_server_count: 1}"))
      << "whose dense ranks say nothing of their queues";
}

}  // namespace
}  // namespace blis
