// Data-parallel ranks that are endpoints of their own, from the scenario on.
#include "scenarios/rank_rules.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "problems.h"
#include "settings.h"
#include "sim/fleet/router.h"
#include "sim/fleet/simulation.h"

namespace blis {
namespace {

constexpr const char* kTraffic = R"(version: 1
model: qwen3-30b-a3b
hardware: { gpu: H100 }
engine: { max_model_len: 8192 }
workload:
  kind: synthetic
  num_requests: 120
  arrival: { process: poisson, request_rate: 40 }
  input_tokens: { distribution: lognormal, mean: 900, stddev: 900, min: 8, max: 6000 }
  output_tokens: { distribution: lognormal, mean: 60, stddev: 60, min: 2, max: 400 }
)";
const std::string kExternal = "engine.data_parallel_external_lb=true";
const std::string kDense = "model=llama-3.1-8b-instruct", kRanks = "engine.data_parallel_size=4";

RunResult run(const std::vector<std::string>& settings) {
  BuiltSimulation built = build(resolved(kTraffic, settings));
  return simulate(built.config, *built.source);
}

TEST(RankRules, RanksOfExpertsAreEndpointsOfOneEngine) {
  const ResolvedScenario d = resolved(kTraffic, {kRanks, kExternal, "replicas=2"});
  EXPECT_EQ(d.replicas, 2);
  EXPECT_EQ(d.parallel.data, 4);
  EXPECT_EQ(endpoints_of_engine(d), 4);
  EXPECT_EQ(d.scenario.router.policy, "round_robin") << "vLLM chooses among nothing";
  EXPECT_EQ(engine_config(d).endpoints, 4);
  EXPECT_EQ(build(d).config.pools[0].engine->endpoints(), 4);
  EXPECT_EQ(d.gpus(), resolved(kTraffic, {kRanks, "replicas=2"}).gpus());
}

TEST(RankRules, WithoutTheKeyVllmChooses) {
  for (const std::vector<std::string>& settings :
       {std::vector<std::string>{kRanks}, {kRanks, "engine.data_parallel_external_lb=false"}}) {
    const ResolvedScenario d = resolved(kTraffic, settings);
    EXPECT_EQ(endpoints_of_engine(d), 1);
    EXPECT_EQ(d.scenario.router.policy, "vllm_balance");
    EXPECT_EQ(engine_config(d).endpoints, 1);
  }
}

TEST(RankRules, ResultsSayWhichRank) {
  const RunResult result = run({kRanks, kExternal, "replicas=2"});
  ASSERT_EQ(result.engines.size(), 2u);
  for (std::size_t i = 0; i < result.requests.size(); ++i) {
    EXPECT_EQ(result.requests[i].replica, i / 4 % 2) << i;
    EXPECT_EQ(result.requests[i].rank, i % 4) << i;
  }
}

// Servers of a dense model know nothing of each other: so many ranks are as many replicas, whoever chooses.
TEST(RankRules, RanksOfADenseModelAreReplicasByteForByte) {
  for (const RouterPolicy& policy : kRouters) {
    if (policy.name == "vllm_balance") continue;  // it is refused
    for (const int seed : {1, 2, 3}) {
      SCOPED_TRACE(testing::Message() << policy.name << ", seed " << seed);
      const std::vector<std::string> both{kDense, "engine.vllm_version=0.20",
                                          fmt::format("router.policy={}", policy.name),
                                          fmt::format("seed={}", seed)};
      std::vector<std::string> ranks = both, replicas = both;
      ranks.insert(ranks.end(), {kRanks, kExternal, "replicas=2"});
      replicas.emplace_back("replicas=8");
      const RunResult a = run(ranks), b = run(replicas);
      ASSERT_EQ(a.engines.size(), b.engines.size());
      ASSERT_EQ(a.requests.size(), b.requests.size());
      for (std::size_t i = 0; i < a.requests.size(); ++i) {
        const RequestRecord &x = a.requests[i], &y = b.requests[i];
        ASSERT_EQ(x.replica, y.replica) << i;
        ASSERT_EQ(x.visible, y.visible) << i;
        ASSERT_EQ(x.scheduled, y.scheduled) << i;
        ASSERT_EQ(x.first_token, y.first_token) << i;
        ASSERT_EQ(x.last_token, y.last_token) << i;
        ASSERT_EQ(x.hit_tokens, y.hit_tokens) << i;
      }
    }
  }
}

// An engine of experts waits for its slowest rank, whoever sent the requests there.
TEST(RankRules, RanksOfExpertsStillGoInStep) {
  const RunResult result = run({kRanks, kExternal});
  ASSERT_EQ(result.engines.size(), 1u);
  EXPECT_EQ(result.engines[0].endpoints, 4);
  bool all_at_once = false;
  for (const StepRecord& step : result.engines[0].steps) all_at_once |= step.decodes > 4;
  EXPECT_TRUE(all_at_once);
}

TEST(RankRules, WhatVllmRefusesIsRefused) {
  struct Mistake {
    std::vector<std::string> settings;
    std::string said;
  };
  const Mistake mistakes[] = {
      {{kExternal}, "`data_parallel_external_lb` needs data-parallel ranks"},
      {{kDense, kRanks, kExternal}, "does not start `llama-3.1-8b-instruct`, which has no experts, so"},
      {{kDense, kRanks, kExternal, "engine.vllm_version=0.21"}, "replicas: 4, which is the same"},
      {{kDense, kRanks, kExternal, "engine.vllm_version=2026-05-24"}, "which has no experts"},
      {{kRanks, kExternal, "router.policy=vllm_balance"},
       "vLLM does not choose among endpoints of its data-parallel ranks or of its nodes"},
      {{kRanks, kExternal, "router.rotates_ties=false"}, "means nothing for the router `round_robin`"},
      {{"engine.data_parallel_size=512", kExternal}, "256 at most"},
  };
  for (const Mistake& mistake : mistakes) {
    const Said said = said_by([&] { resolved(kTraffic, mistake.settings); });
    EXPECT_EQ(said.kind, ErrorKind::usage) << said.all;
    EXPECT_NE(said.all.find(mistake.said), std::string::npos) << mistake.said << "\n" << said.all;
  }
  EXPECT_NO_THROW(resolved(kTraffic, {kDense, kRanks, kExternal, "engine.vllm_version=0.20"}));
  EXPECT_NO_THROW(resolved(kTraffic, {kDense, kRanks, kExternal, "engine.vllm_version=2026-05-23"}));
}

// Each rank has a server of its own, which counts what is queued behind it.
TEST(RankRules, LimitsOfWhatIsQueuedAreOfAnEndpoint) {
  const RunResult result = run({kRanks, kExternal, "engine.vllm_version=0.29", "engine.max_num_queued_reqs=1",
                                "workload.num_requests=8", "workload.arrival={process: at_once}"});
  int rejected = 0;
  for (const RequestRecord& r : result.requests) rejected += r.outcome == Outcome::rejected;
  EXPECT_EQ(rejected, 4) << "the second of each rank";
}

TEST(RankRules, LlmdsPickerChoosesRanks) {
  const RunResult result = run({kRanks, kExternal, "router.policy=epp"});
  std::vector<int> sent(4);
  for (const RequestRecord& r : result.requests) ++sent[r.rank];
  for (const int requests : sent) EXPECT_GT(requests, 10);
}

TEST(RankRules, NodesAreEndpointsOfTheirRanks) {
  const std::vector<std::string> nodes{kRanks, "engine.data_parallel_hybrid_lb=true",
                                       "engine.data_parallel_size_local=2"};
  const ResolvedScenario d = resolved(kTraffic, nodes);
  EXPECT_EQ(endpoints_of_engine(d), 2);
  EXPECT_EQ(ranks_of_endpoint(d), 2);
  EXPECT_EQ(engine_config(d).rank_balance.api_servers, 2) << "as many as ranks of a node";
  EXPECT_EQ(d.scenario.router.policy, "round_robin");
  const RunResult result = run(nodes);
  std::vector<int> sent(4);
  for (std::size_t i = 0; i < result.requests.size(); ++i) {
    EXPECT_EQ(result.requests[i].rank / 2, i % 2) << i;
    ++sent[result.requests[i].rank];
  }
  for (const int requests : sent) EXPECT_GT(requests, 20);
}

TEST(RankRules, NodesThatCannotBeEndpointsAreRefused) {
  const std::string hybrid = "engine.data_parallel_hybrid_lb=true",
                    local = "engine.data_parallel_size_local=2";
  struct Mistake {
    std::vector<std::string> settings;
    std::string said;
  };
  const Mistake mistakes[] = {
      {{kRanks, hybrid}, "how many ranks a node has is not said"},
      {{kRanks, local}, "says nothing without an endpoint for each node"},
      {{kRanks, hybrid, local, kExternal}, "ranks and nodes cannot both be endpoints"},
      {{kRanks, hybrid, "engine.data_parallel_size_local=3"}, "a divisor of data_parallel_size, 4"},
      {{hybrid, "engine.data_parallel_size_local=1"}, "`data_parallel_hybrid_lb` needs data-parallel ranks"},
      {{kRanks, hybrid, local, "router.policy=vllm_balance"}, "or of its nodes"},
  };
  for (const Mistake& mistake : mistakes) {
    const Said said = said_by([&] { resolved(kTraffic, mistake.settings); });
    EXPECT_EQ(said.kind, ErrorKind::usage) << said.all;
    EXPECT_NE(said.all.find(mistake.said), std::string::npos) << mistake.said << "\n" << said.all;
  }
}

TEST(RankRules, OneNodeWithAllRanksIsNoEndpointBesideOthers) {
  const ResolvedScenario d = resolved(
      kTraffic, {kRanks, "engine.data_parallel_hybrid_lb=true", "engine.data_parallel_size_local=4"});
  EXPECT_EQ(endpoints_of_engine(d), 1);
  EXPECT_EQ(d.scenario.router.policy, "vllm_balance") << "within the server, as without the key";
}

TEST(RankRules, NodesOfADenseModelAreNotModelled) {
  const Said said = said_by([&] {
    resolved(kTraffic,
             {kDense, kRanks, "engine.data_parallel_hybrid_lb=true", "engine.data_parallel_size_local=2"});
  });
  EXPECT_EQ(said.kind, ErrorKind::not_modelled) << said.all;
}

TEST(RankRules, PoolsMayDiffer) {
  const RunResult result =
      run({"pools=[{name: a, engine: {data_parallel_size: 2, data_parallel_external_lb: true}}, "
           "{name: b, replicas: 2}]"});
  ASSERT_EQ(result.engines.size(), 3u);
  std::vector<int> sent(4);
  for (const RequestRecord& r : result.requests) {
    EXPECT_LT(r.rank, result.engines[r.replica].endpoints);
    ++sent[r.replica == 0 ? r.rank : r.replica + 1u];
  }
  EXPECT_EQ(sent, (std::vector<int>{30, 30, 30, 30})) << "four endpoints take turns";
}

}  // namespace
}  // namespace blis
