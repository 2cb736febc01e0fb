#include "sim/fleet/router.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sim/metrics.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

// Requests follow each other over a connection as long as it is kept.
TEST(KubernetesService, ChoosesForAConnection) {
  const auto served_by = [](double keep_alive_s, int between_ms) {
    OnePool config = small();
    config.replicas = 8;
    config.router = standard_router("kubernetes_service");
    config.router.values = {keep_alive_s, 1};
    std::vector<ToyRequest> requests;
    // Two at a time, twelve times.
    for (int i = 0; i < 24; ++i) requests.push_back(toy(at_ms(i / 2 * between_ms), 16, 3));
    std::vector<EngineIndex> replicas;
    for (const RequestRecord& r : run(config, requests).requests) replicas.push_back(r.replica);
    return replicas;
  };
  const std::vector<EngineIndex> kept = served_by(5, 1000), closed = served_by(5, 6000);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_LT(kept[i], 2u) << "two connections are enough";
    EXPECT_EQ(closed[i], i % 8) << "each request opens its own";
  }
  EXPECT_EQ(served_by(0, 1000), closed);
  // Nobody has been answered by the time the last one comes.
  EXPECT_EQ(std::ranges::max(served_by(5, 1)), 7u);
}

using std::chrono::milliseconds;

// A router among as many replicas as its first call has loads, and all that its calls need.
class TestRouter {
 public:
  explicit TestRouter(std::string_view name) : config_(standard_router(name)) {}

  EngineIndex route(const RequestSpec& request, const std::vector<ReplicaLoad>& loads) {
    if (!router_) {
      const PublishedFacts facts{.kv_blocks = 1000, .block_size = 16, .max_batched_tokens = 2048};
      router_ = make_router(config_, {std::vector(loads.size(), facts), contents_, 7});
    }
    std::vector<ChainLink> chain;
    use_prompt(contents_, request.prompt, request.prompt_tokens, 0, chain);
    const std::vector<std::size_t> all = all_places(loads.size());
    const EngineIndex chosen = router_->route({.request = request,
                                               .loads = loads,
                                               .serving = serving.empty() ? all : serving,
                                               .number = number_++,
                                               .chain = chain});
    for (const ChainLink& link : chain) contents_.release(link.node);
    return chosen;
  }
  void leave(EngineIndex replica) { router_->left(replica); }

  std::vector<std::size_t> serving;  // empty: all

 private:
  RouterConfig config_;
  ContentTree contents_;
  std::unique_ptr<Router> router_;
  RequestIndex number_ = 0;
};

RequestSpec with_prompt(std::span<const ContentRun> prompt) {
  RequestSpec spec;
  spec.prompt = prompt;
  for (const ContentRun& run : prompt) spec.prompt_tokens += run.tokens;
  return spec;
}

TEST(Router, LeastRequestsAndLeastTokensLookAtDifferentLoads) {
  const std::vector<ReplicaLoad> loads{{3, 100}, {1, 900}, {2, 50}};
  EXPECT_EQ(TestRouter("least_requests").route({}, loads), 1);
  EXPECT_EQ(TestRouter("least_tokens").route({}, loads), 2);
}

TEST(Router, EqualLoadsAreServedInTurn) {
  const std::vector<ReplicaLoad> idle(3);
  for (const char* name : {"round_robin", "least_requests", "least_tokens"}) {
    TestRouter policy(name);
    std::vector<EngineIndex> chosen;
    for (int i = 0; i < 6; ++i) chosen.push_back(policy.route({}, idle));
    EXPECT_EQ(chosen, (std::vector<EngineIndex>{0, 1, 2, 0, 1, 2})) << name;
  }
}

TEST(Router, EveryPolicyChoosesAmongThoseThatServe) {
  const std::vector<ContentRun> prompt{{1, 320}};
  for (const RouterPolicy& row : kRouters) {
    if (row.name == "epp") continue;           // it has a configuration, and a test of its own
    if (row.name == "vllm_balance") continue;  // the ranks of a vLLM do not come and go
    SCOPED_TRACE(std::string(row.name));
    TestRouter policy(row.name);
    policy.serving = {1};
    RequestSpec turn = with_prompt(prompt);
    turn.session = 9;
    EXPECT_EQ(policy.route(turn, std::vector<ReplicaLoad>(4)), 1u);
    policy.leave(1);
    policy.serving = {0, 3};
    std::set<EngineIndex> chosen;
    for (std::uint64_t i = 0; i < 50; ++i) {
      turn.session = i % 2 == 0 ? 9 : 100 + i;  // the one that began there, and new ones
      chosen.insert(policy.route(turn, std::vector<ReplicaLoad>(4)));
    }
    chosen.erase(0);
    chosen.erase(3);
    EXPECT_TRUE(chosen.empty());
  }
}

// What was sent to a replica that left is nowhere, even when another one is in its place.
TEST(Router, ForgetsWhatAReplicaHadThatLeft) {
  for (const char* name : {"prefix", "cache_aware", "session"}) {
    SCOPED_TRACE(name);
    TestRouter policy(name);
    const std::vector<ContentRun> prompt{{1, 320}};
    RequestSpec turn = with_prompt(prompt);
    turn.session = 9;
    policy.serving = {2};
    policy.route(turn, std::vector<ReplicaLoad>(3));
    policy.leave(2);
    policy.serving = {0, 1, 2};
    EXPECT_NE(policy.route(turn, std::vector<ReplicaLoad>{{0, 0}, {1, 0}, {5, 0}}), 2u);
  }
}

TEST(Router, PowerOfTwoNeverTakesTheBusiestAndReachesAllOthers) {
  const std::vector<ReplicaLoad> loads{{0, 0}, {5, 0}, {1, 0}, {9, 0}};
  TestRouter policy("power_of_two");
  std::set<EngineIndex> chosen;
  for (int i = 0; i < 300; ++i) chosen.insert(policy.route({}, loads));
  EXPECT_EQ(chosen, (std::set<EngineIndex>{0, 1, 2}));
}

TEST(Router, ASessionStaysWhereItBegan) {
  TestRouter policy("session");
  std::vector<ReplicaLoad> loads{{4, 0}, {0, 0}};
  RequestSpec turn;
  turn.session = 42;
  EXPECT_EQ(policy.route(turn, loads), 1);
  loads = {{0, 0}, {9, 0}};
  EXPECT_EQ(policy.route(turn, loads), 1);
  EXPECT_EQ(policy.route({}, loads), 0) << "no session, no home";
}

TEST(Router, PrefixFollowsTheLongestPrefixThatWasSent) {
  TestRouter policy("prefix");
  const std::vector<ReplicaLoad> idle(3);
  const std::vector<ContentRun> a{{1, 100}, {2, 50}}, b{{1, 100}, {3, 50}}, c{{9, 10}};
  EXPECT_EQ(policy.route(with_prompt(a), idle), 0);
  EXPECT_EQ(policy.route(with_prompt(c), idle), 1);
  EXPECT_EQ(policy.route(with_prompt(b), idle), 0) << "two thirds of it were there";
  const std::vector<ContentRun> longer{{1, 100}, {3, 80}, {5, 100}};
  EXPECT_EQ(policy.route(with_prompt(longer), idle), 0) << "the same stream, further on";
  const std::vector<ContentRun> mostly_new{{1, 20}, {7, 200}};
  EXPECT_EQ(policy.route(with_prompt(mostly_new), idle), 2) << "a tenth of the prompt is no reason";
}

TEST(Router, PrefixGivesWayToLoadOnceReplicasAreOutOfBalance) {
  TestRouter policy("prefix");
  const std::vector<ContentRun> prompt{{1, 100}};
  EXPECT_EQ(policy.route(with_prompt(prompt), std::vector<ReplicaLoad>(2)), 0);
  EXPECT_EQ(policy.route(with_prompt(prompt), std::vector<ReplicaLoad>{{64, 0}, {0, 0}}), 0);
  EXPECT_EQ(policy.route(with_prompt(prompt), std::vector<ReplicaLoad>{{65, 0}, {0, 0}}), 1);
}

TEST(Router, CacheAwareFollowsAFairPartOfThePromptOrTheSmallestTree) {
  TestRouter policy("cache_aware");
  const std::vector<ReplicaLoad> idle(3);
  const std::vector<ContentRun> a{{1, 100}, {2, 50}}, b{{1, 100}, {3, 50}}, c{{9, 10}}, d{{1, 20}, {7, 200}};
  EXPECT_EQ(policy.route(with_prompt(a), idle), 0);
  EXPECT_EQ(policy.route(with_prompt(c), idle), 1);
  EXPECT_EQ(policy.route(with_prompt(b), idle), 0) << "two thirds of it were there";
  EXPECT_EQ(policy.route(with_prompt(d), idle), 2) << "a tenth is no reason; the third tree is empty";
  EXPECT_EQ(policy.route(with_prompt(a), {{65, 0}, {0, 0}, {3, 0}}), 1) << "out of balance";
}

TEST(Router, PrefixAwareStaysWithTheLongestPrefixWhateverTheLoad) {
  TestRouter policy("prefix_aware");
  const std::vector<ContentRun> a{{1, 1000}}, b{{1, 1000}, {2, 500}};
  const EngineIndex home = policy.route(with_prompt(a), std::vector<ReplicaLoad>(3));
  std::vector<ReplicaLoad> busy(3);
  busy[home].requests = 1000;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(policy.route(with_prompt(b), busy), home);
}

TEST(Router, AibrixLeavesAPrefixWhoseReplicaIsBusierThanMost) {
  TestRouter policy("aibrix_prefix_cache");
  const std::vector<ContentRun> a{{1, 1000}};
  EXPECT_EQ(policy.route(with_prompt(a), {{0, 0}, {1, 0}, {1, 0}}), 0);
  EXPECT_EQ(policy.route(with_prompt(a), {{2, 0}, {1, 0}, {3, 0}}), 0) << "2 are the mean";
  EXPECT_EQ(policy.route(with_prompt(a), {{6, 0}, {1, 0}, {1, 0}}), 1)
      << "2.7 and a deviation of 2.4 are less";
  EXPECT_EQ(policy.route(with_prompt(a), {{9, 0}, {0, 0}, {1, 0}}), 1) << "a spread of 9";
}

TEST(Router, DynamoWeighsBlocksToComputeAgainstBlocksInUse) {
  const auto dynamo = [](std::vector<ReplicaLoad> loads) {
    return TestRouter("dynamo_kv").route({.prompt_tokens = 1600}, loads);
  };
  EXPECT_EQ(dynamo({{}, {.cached = 16}}), 1);
  TestRouter policy("dynamo_kv");
  const RequestSpec prompt{.prompt_tokens = 1600};
  const EngineIndex first = policy.route(prompt, std::vector<ReplicaLoad>(2));
  EXPECT_EQ(policy.route(prompt, std::vector<ReplicaLoad>(2)), 1 - first) << "200 blocks against none";
  std::vector<ReplicaLoad> cached(2);
  cached[first].cached = 800;
  EXPECT_EQ(policy.route(prompt, cached), first) << "50 blocks less to compute";
}

TEST(Router, VllmCountsWhatItSentSinceTheCoordinatorSpoke) {
  RouterConfig config = standard_router("vllm_balance");
  EXPECT_EQ(config.scrape, milliseconds{100});
  TestRouter policy("vllm_balance");
  std::vector<ReplicaLoad> told(3);
  for (ReplicaLoad& load : told) load.scraped_at = at_ms(0);
  told[0].scraped.running = 2, told[2].scraped.running = 4;
  EXPECT_EQ(policy.route({}, told), 1);
  EXPECT_EQ(policy.route({}, told), 1) << "it has one, and the first two";
  EXPECT_EQ(policy.route({}, told), 0) << "two each: the scan begins at the third";
}

TEST(Router, ALoadIsThatOfTheInstantOfTheChoice) {
  // 0 and 1 are each on a replica of their own until 27 and 17 ms. At 16 ms both are in flight still, though
  // request 2 will reach its engine at 23 ms only, when 1 has ended.
  OnePool config = small();
  config.replicas = 2;
  config.router = standard_router("least_requests");
  config.api_latency = milliseconds{7};
  const RunResult early = run(config, {toy(at_ms(0), 10, 2), toy(at_ms(0), 10, 1), toy(at_ms(16), 10, 1)});
  EXPECT_EQ(early.requests[2].replica, 0) << "equal loads: it is the first one's turn";
  const RunResult late = run(config, {toy(at_ms(0), 10, 2), toy(at_ms(0), 10, 1), toy(at_ms(17), 10, 1)});
  EXPECT_EQ(late.requests[2].replica, 1);
}

// Poisson-like traffic of very unequal requests.
RunResult unequal_traffic(std::string_view name, std::uint64_t seed) {
  OnePool config = small();
  config.engine.scheduler.max_num_seqs = 4;
  config.replicas = 4;
  config.router = standard_router(name);
  std::mt19937_64 rng(seed);
  std::vector<ToyRequest> requests = random_traffic(rng, 600, 40, 12, 9.0);
  for (ToyRequest& r : requests) {
    if (rng() % 10 == 0) r.spec.output_tokens = r.spec.max_tokens = 200;
  }
  return run(config, std::move(requests), WorkLatency{});
}

TEST(RouterProperty, KnowingLoadsShortensTheQueue) {
  double blind = 0, least = 0, two = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    blind += summarize(unequal_traffic("round_robin", seed)).queue.mean;
    least += summarize(unequal_traffic("least_requests", seed)).queue.mean;
    two += summarize(unequal_traffic("power_of_two", seed)).queue.mean;
  }
  EXPECT_LT(least, two);
  EXPECT_LT(two, blind);
}

TEST(RouterProperty, PrefixAffinityFindsMorePrefixesThanTurns) {
  OnePool config = small();
  config.replicas = 4;
  std::mt19937_64 rng(1);
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 300; ++i) {
    requests.push_back(toy(at_ms(i * 20), 120, 4));
    requests.back().prompt = {{1 + rng() % 12, 100}, {kPrivateContent, 20}};
  }
  std::map<std::string_view, double> hit_rate;
  for (const char* name : {"round_robin", "prefix"}) {
    config.router = standard_router(name);
    hit_rate[name] = summarize(run(config, requests, WorkLatency{})).prefix_hit_rate;
  }
  EXPECT_GT(hit_rate["prefix"], hit_rate["round_robin"] + 0.05);
}

}  // namespace
}  // namespace blis
