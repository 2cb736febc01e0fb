// Data-parallel ranks that are endpoints of their own: who is chosen, what of them a scraper sees, and that
// they go in step all the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "blis/error.hpp"
#include "sim/fleet/epp/plugin.h"
#include "sim/fleet/router.h"
#include "tests/sim/fleet/same_requests.h"
#include "tests/sim/fleet/toys.h"
#include "tests/sim/vllm/lone_engine.h"

namespace blis {
namespace {

using std::chrono::milliseconds;

OnePool endpoints(OnePool config) {
  config.engine.endpoints = config.engine.data_parallel_ranks;
  return config;
}

OnePool ranks(int count) {
  OnePool config = small();
  config.engine.data_parallel_ranks = count;
  return config;
}

TEST(Endpoints, RequestsGoToTheRankThatTheRouterChose) {
  OnePool config = endpoints(ranks(3));
  config.replicas = 2;
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 12; ++i) requests.push_back(toy(at_ms(i), 10, 3));
  const RunResult result = run(config, requests);
  ASSERT_EQ(result.engines.size(), 2u);
  for (const EngineResult& engine : result.engines) EXPECT_EQ(engine.endpoints, 3);
  for (int i = 0; i < 12; ++i) {
    const RequestRecord& r = result.requests[static_cast<std::size_t>(i)];
    EXPECT_EQ(r.replica, i / 3 % 2) << "request " << i;
    EXPECT_EQ(r.rank, i % 3) << "request " << i;
  }
}

TEST(Endpoints, AnEngineThatBalancesItsRanksHasOne) {
  const RunResult result = run(ranks(3), {toy(at_ms(0), 10, 3), toy(at_ms(1), 10, 3)});
  EXPECT_EQ(result.engines[0].endpoints, 1);
  EXPECT_EQ(result.engines[0].ranks, 3);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(result.requests[static_cast<std::size_t>(i)].rank, i) << "the free one";
}

// Hybrid load balancing: two nodes of two ranks each.
TEST(Endpoints, NodesAreEndpointsWhoseServersChooseAmongTheirRanks) {
  OnePool config = ranks(4);
  config.engine.endpoints = 2;
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 8; ++i) requests.push_back(toy(at_ms(i), 10, 9));
  const RunResult result = run(config, requests);
  EXPECT_EQ(result.engines[0].ranks_per_endpoint(), 2);
  std::vector<int> sent(4);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(result.requests[i].rank / 2, i % 2) << "nodes take turns";
    ++sent[result.requests[i].rank];
  }
  EXPECT_EQ(sent, (std::vector<int>{2, 2, 2, 2}));
}

TEST(Endpoints, ANodeShowsWhatItsFirstRankDoes) {
  EngineConfig config = small_engine();
  config.data_parallel_ranks = 4;
  config.endpoints = 2;
  LoneEngine lone(config);
  for (int i = 0; i < 3; ++i) lone.send_to(2, toy(at_ms(0), 20, 9).spec);
  lone.run(35);
  EXPECT_EQ(lone[0].rank + lone[1].rank, 2 + 3) << "one each";
  EXPECT_EQ(lone.engine().published(at_ms(25), 0), Gauges{});
  const int at_first = (lone[0].rank == 2) + (lone[1].rank == 2) + (lone[2].rank == 2);
  EXPECT_EQ(lone.engine().published(at_ms(25), 1).running, at_first);
}

// Rank 0 computes 60 prompt tokens (6.2 ms), rank 1 ten (5.2 ms).
TEST(Endpoints, RanksGoInStepWhoeverChoosesThem) {
  const RunResult result =
      run(endpoints(two_ranks()), {toy(at_ms(0), 60, 1), toy(at_ms(0), 10, 1)}, WorkLatency{});
  ASSERT_EQ(result.engines[0].steps.size(), 1u);
  for (const RequestRecord& r : result.requests)
    EXPECT_EQ(since_start(r.first_token), std::chrono::microseconds{6200});
}

// As DrainedRanksGoOnWithDummyBatchesUntilTheyAgree.
TEST(Endpoints, RanksWithoutWorkGoOnUntilAllAgree) {
  const RunResult result =
      run(endpoints(two_ranks()), {toy(at_ms(0), 10, 1), toy(at_ms(44), 10, 1), toy(at_ms(444), 10, 1)});
  EXPECT_EQ(ms(result.requests[1].scheduled), 50) << "on the other rank, after a dummy step";
  EXPECT_EQ(ms(result.requests[2].scheduled), 444);
}

TEST(Endpoints, RanksThatHaveHadNoWorkYetDoNotGoOn) {
  const RunResult result = run(endpoints(two_ranks()), {toy(at_ms(5), 10, 1)});
  EXPECT_EQ(ms(result.requests[0].scheduled), 5);
}

EngineConfig two_endpoints() {
  EngineConfig config = small_engine();
  config.data_parallel_ranks = 2;
  config.endpoints = 2;
  return config;
}

TEST(Endpoints, EachShowsItsOwnSequencesAndBlocks) {
  LoneEngine lone(two_endpoints());
  lone.send_to(1, toy(at_ms(0), 20, 4).spec);
  lone.send_to(1, toy(at_ms(0), 20, 9).spec);
  lone.run(35);
  const Instance& engine = lone.engine();
  EXPECT_EQ(engine.published(at_ms(9), 1), Gauges{}) << "before the first output";
  EXPECT_EQ(engine.published(at_ms(15), 1).running, 2);
  EXPECT_GT(engine.published(at_ms(15), 1).kv_usage, 0);
  for (const int at : {0, 9, 15, 30}) EXPECT_EQ(engine.published(at_ms(at), 0), Gauges{}) << at << " ms";
}

// A request that comes to an idle rank in the middle of a step is in that rank's next one, and only its end
// says so: a dummy batch has no statistics.
TEST(Endpoints, ADummyBatchPublishesNothing) {
  LoneEngine lone(two_endpoints());
  lone.send_to(0, toy(at_ms(0), 20, 9).spec);
  lone.run(14);
  lone.send_to(1, toy(at_ms(15), 20, 9).spec);
  lone.run(55);
  EXPECT_EQ(lone.engine().published(at_ms(29), 1).running, 0) << "scheduled at 20 ms";
  EXPECT_EQ(lone.engine().published(at_ms(30), 1).running, 1);
}

TEST(Endpoints, EachFindsWhatItHasCachedItself) {
  LoneEngine lone(two_endpoints());
  const std::vector<ContentRun> prompt{{7, 40}};
  RequestSpec spec = toy(at_ms(0), 40, 1).spec;
  spec.prompt = prompt;
  lone.send_to(1, spec);
  lone.run(100);
  EXPECT_EQ(lone.engine().cached_tokens(spec, 0), 0);
  EXPECT_EQ(lone.engine().cached_tokens(spec, 1), 32) << "whole blocks";
}

// Everything goes to one rank of several: the others' dummy batches change nothing, and its metrics are those
// of an engine alone, which takes its steps in another way.
TEST(Endpoints, OneThatGetsAllWorkIsAnEngineAlone) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    const bool async = rng() % 2 == 0;
    EngineConfig one = small_engine();
    if (async) {
      one.scheduler.async_scheduling = true;
      one.scheduler.batch_queue_size = 2;
    }
    EngineConfig several = one;
    several.data_parallel_ranks = 3;
    several.endpoints = 3;
    const auto rank = static_cast<EndpointIndex>(rng() % 3);
    LoneEngine alone(one), among(several);
    for (int i = 0; i < 12; ++i) {
      const RequestSpec spec =
          toy(at_ms(0), 1 + static_cast<int>(rng() % 60), 1 + static_cast<int>(rng() % 30)).spec;
      alone.send(spec);
      among.send_to(rank, spec);
    }
    for (int at = 0; at < 900; at += 1 + static_cast<int>(rng() % 40)) {
      alone.run(at);
      among.run(at);
      const Time scrape = at_ms(std::max(0, at - static_cast<int>(rng() % 30)));
      ASSERT_EQ(alone.engine().published(scrape), among.engine().published(scrape, rank)) << at << " ms";
    }
    for (RequestIndex i = 0; i < 12; ++i) EXPECT_EQ(alone[i].last_token, among[i].last_token) << i;
  }
}

// vLLM's own rule as a router outside, which has heard nothing of the ranks but what it sent and was
// answered, chooses as the API servers inside do that have not either.
TEST(Endpoints, ARouterThatMimicsTheBalanceInsideGivesTheSame) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    OnePool inside = ranks(2 + static_cast<int>(rng() % 4));
    if (rng() % 2 == 0) inside = asynchronous(inside);
    inside.seed = seed;
    const RankBalanceRule rule{.api_servers = 1 + static_cast<int>(rng() % 3),
                               .by_queues = false,
                               .rotates_ties = rng() % 2 == 0,
                               .ranks_are_heard = false};
    inside.engine.rank_balance = rule;
    inside.engine.prefill_schedule_interval = 1 + static_cast<int>(rng() % 3);
    OnePool outside = endpoints(inside);
    outside.router = standard_router("vllm_balance");
    outside.router.values = {static_cast<double>(rule.api_servers), 0, rule.rotates_ties ? 1.0 : 0.0, 0};
    const std::vector<ToyRequest> requests = random_traffic(rng, 150, 200, 40, 6.0);
    const RunResult a = run(inside, requests, WorkLatency{}), b = run(outside, requests, WorkLatency{});
    expect_same_requests(a, b);
    ASSERT_EQ(a.engines[0].steps.size(), b.engines[0].steps.size());
  }
}

// llm-d's picker as it is without a file, but for its weights.
EppConfig picker() {
  EppConfig config;
  config.producers.push_back({.name = "approx-prefix-cache-producer"});
  for (const std::string_view type :
       {"queue-scorer", "kv-cache-utilization-scorer", "prefix-cache-scorer", "max-score-picker"}) {
    const PluginType* const row = find_plugin(type);
    PluginSetting plugin{.type = row, .name = std::string(type)};
    for (std::size_t i = 0; i < row->parameters.size(); ++i) plugin.values[i] = row->parameters[i].standard;
    if (type != "max-score-picker") config.profile.scorers.push_back({config.plugins.size(), 1});
    config.profile.picker = config.plugins.size();
    config.plugins.push_back(std::move(plugin));
  }
  return config;
}

// Every router, on random traffic: each request ends, all ranks are used by those that share the load out,
// and what a rank shows never exceeds what the engine has.
TEST(Endpoints, AreChosenAmongByEveryRouter) {
  for (const RouterPolicy& policy : kRouters) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      SCOPED_TRACE(testing::Message() << policy.name << ", seed " << seed);
      std::mt19937_64 rng(seed);
      OnePool config = endpoints(asynchronous(ranks(4)));
      config.replicas = 2;
      config.seed = seed;
      config.router = standard_router(policy.name);
      if (policy.name == "epp") config.router.epp = picker();
      const RunResult result = run(config, random_traffic(rng, 200, 100, 30, 3.0), WorkLatency{});
      std::vector<int> sent(8);
      for (const RequestRecord& r : result.requests) {
        ASSERT_EQ(r.outcome, Outcome::completed);
        ++sent[r.replica * 4u + r.rank];
      }
      EXPECT_GE(std::ranges::count_if(sent, [](int requests) { return requests > 0; }), 5);
    }
  }
}

TEST(Endpoints, HaveAnApiServerAndLimitsEach) {
  OnePool config = endpoints(two_ranks());
  config.limits.requests = 1;
  const RunResult result = run(config, {toy(at_ms(0), 10, 9), toy(at_ms(1), 10, 9), toy(at_ms(2), 10, 9)});
  EXPECT_EQ(result.requests[1].outcome, Outcome::completed) << "the first of the second rank";
  EXPECT_EQ(result.requests[2].outcome, Outcome::rejected) << "the second of the first rank";
}

// One sequence a rank: the third request of a rank comes while two are unanswered, of which one is streamed.
TEST(Endpoints, AnApiServerStreamsToTheSequencesOfItsRankAlone) {
  OnePool config = endpoints(two_ranks());
  config.engine.scheduler.max_num_seqs = 1;
  config.api_latency_per_sequence = milliseconds{10};
  const RunResult result = run(config, std::vector<ToyRequest>(6, toy(at_ms(0), 10, 9)));
  EXPECT_EQ(ms(result.requests[1].visible), 0) << "nobody else is at the second rank";
  EXPECT_EQ(ms(result.requests[4].visible), 10);
}

TEST(Endpoints, ClientsThatGiveUpLeaveTheirRank) {
  OnePool config = endpoints(two_ranks());
  std::vector<ToyRequest> requests{toy(at_ms(0), 10, 90), toy(at_ms(0), 10, 90)};
  requests[1].spec.timeout = milliseconds{25};
  const RunResult result = run(config, requests);
  EXPECT_EQ(result.requests[0].outcome, Outcome::completed);
  EXPECT_EQ(result.requests[1].outcome, Outcome::aborted);
}

TEST(Endpoints, DoNotComeAndGo) {
  const FixedLatency latency{milliseconds{10}};
  SimulationConfig config = deployed(endpoints(two_ranks()), latency);
  config.pools[0].scaling = ScalingConfig{};
  config.pools[0].scaling->min_replicas = 1;
  config.pools[0].scaling->max_replicas = 2;
  EXPECT_THROW(run_pools(config, {toy(at_ms(0), 10, 1)}), InputError);
}

}  // namespace
}  // namespace blis
