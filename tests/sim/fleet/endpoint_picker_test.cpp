// llm-d's cycle, plugin by plugin, and whole runs behind it.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sim/fleet/epp/plugin.h"
#include "sim/metrics.h"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using std::chrono::milliseconds;

PluginSetting setting(std::string_view type) {
  const PluginType* row = find_plugin(type);
  if (row == nullptr) throw std::runtime_error(std::string(type));
  PluginSetting made{.type = row, .name = std::string(type)};
  for (std::size_t i = 0; i < row->parameters.size(); ++i) made.values[i] = row->parameters[i].standard;
  return made;
}

struct Weight {
  const char* type;
  double weight;
};

EppConfig picker(std::vector<Weight> scorers, std::vector<const char*> filters = {},
                 const char* picks = "max-score-picker") {
  EppConfig config;
  config.producers.push_back({.name = "approx-prefix-cache-producer"});
  for (const char* type : filters) {
    config.profile.filters.push_back(config.plugins.size());
    config.plugins.push_back(setting(type));
  }
  for (const auto& [type, weight] : scorers) {
    config.profile.scorers.push_back({config.plugins.size(), weight});
    config.plugins.push_back(setting(type));
  }
  config.profile.picker = config.plugins.size();
  config.plugins.push_back(setting(picks));
  return config;
}

// A picker among `n` replicas whose metrics and counts a test sets.
class Picked {
 public:
  Picked(EppConfig config, std::size_t n) : config_{.policy = "epp", .epp = std::move(config)}, loads(n) {
    router_ = make_router(config_, {std::vector<PublishedFacts>(n, {1000, 16, 2048}), contents_, 1});
  }

  EngineIndex route(std::vector<ContentRun> prompt = {}, std::uint64_t session = 0) {
    RequestSpec spec{.prompt_tokens = 100, .prompt = prompt, .session = session};
    if (!prompt.empty()) spec.prompt_tokens = 0;
    for (const ContentRun& run : prompt) spec.prompt_tokens += run.tokens;
    std::vector<ChainLink> chain;
    use_prompt(contents_, prompt, spec.prompt_tokens, 0, chain);
    const std::vector<std::size_t> all = all_places(loads.size());
    const EngineIndex chosen = router_->route({.request = spec,
                                               .loads = loads,
                                               .serving = serving.empty() ? all : serving,
                                               .number = number_++,
                                               .chain = chain});
    for (const ChainLink& link : chain) contents_.release(link.node);
    return chosen;
  }
  std::set<EngineIndex> likely(int tries = 200) {
    std::set<EngineIndex> all;
    for (int i = 0; i < tries; ++i) all.insert(route());
    return all;
  }
  Router& router() { return *router_; }

 private:
  ContentTree contents_;
  RouterConfig config_;
  std::unique_ptr<Router> router_;
  RequestIndex number_ = 0;

 public:
  std::vector<ReplicaLoad> loads;
  std::vector<std::size_t> serving{};  // empty: all
};

using Set = std::set<EngineIndex>;

TEST(EndpointPicker, EqualScoresAreDrawnAtRandom) {
  Picked none(picker({{"queue-scorer", 2}}), 4);
  EXPECT_EQ(none.likely(), (Set{0, 1, 2, 3}));
  none.loads[1].scraped.waiting = 1;
  EXPECT_EQ(none.likely(), (Set{0, 2, 3}));
}

TEST(EndpointPicker, ChoosesAmongThoseThatServeAndForgetsWhatLeft) {
  Picked p(picker({{"prefix-cache-scorer", 3}, {"session-affinity-scorer", 2}}), 3);
  p.serving = {1};
  const std::vector<ContentRun> prompt{{7, 640}};
  EXPECT_EQ(p.route(prompt, 5), 1u);
  p.serving = {0, 1, 2};
  EXPECT_EQ(p.route(prompt), 1u) << "it has the prefix";
  EXPECT_EQ(p.route({}, 5), 1u) << "and the session";
  p.router().left(1);
  p.serving = {0, 2};
  for (int i = 0; i < 20; ++i) EXPECT_NE(p.route(), 1u);
  Set prefix;
  for (std::uint64_t i = 0; i < 60; ++i) {
    // Each try with a prompt and a session that only the one that left had.
    Picked q(picker({{"prefix-cache-scorer", 3}, {"session-affinity-scorer", 2}}), 3);
    q.serving = {1};
    q.route(prompt, 5);
    q.router().left(1);
    q.serving = {0, 1, 2};
    for (std::uint64_t j = 0; j < i % 7; ++j) q.route();  // other draws
    prefix.insert(q.route(prompt, 5));
  }
  EXPECT_EQ(prefix, (Set{0, 1, 2})) << "nobody has it any more";
}

TEST(EndpointPicker, WeightsAreNotNormalised) {
  Picked p(picker({{"queue-scorer", 1}, {"kv-cache-utilization-scorer", 2}}), 2);
  p.loads[0].scraped = {.waiting = 1, .kv_usage = 0.1};  // 0 + 1.8
  p.loads[1].scraped = {.waiting = 0, .kv_usage = 0.5};  // 1 + 1
  EXPECT_EQ(p.likely(), (Set{1}));
  p.loads[1].scraped.kv_usage = 0.7;  // 1 + 0.6
  EXPECT_EQ(p.likely(), (Set{0}));
}

struct Scored {
  const char* type;
  ReplicaLoad better, worse;
};

class ScorerOf : public testing::TestWithParam<Scored> {};

TEST_P(ScorerOf, PrefersTheIdlerOne) {
  Picked p(picker({{GetParam().type, 1}}), 2);
  p.loads = {GetParam().worse, GetParam().better};
  EXPECT_EQ(p.likely(), (Set{1}));
}

INSTANTIATE_TEST_SUITE_P(
    All, ScorerOf,
    testing::Values(
        Scored{"queue-scorer", {.scraped = {.waiting = 3}}, {.scraped = {.waiting = 4}}},
        Scored{"running-requests-size-scorer", {.scraped = {.running = 3}}, {.scraped = {.running = 4}}},
        Scored{"kv-cache-utilization-scorer", {.scraped = {.kv_usage = .1}}, {.scraped = {.kv_usage = .2}}},
        Scored{"load-aware-scorer", {.scraped = {.waiting = 127}}, {.scraped = {.waiting = 128}}},
        Scored{"active-request-scorer", {.requests = 1}, {.requests = 2}}));

TEST(EndpointPicker, LoadAwareCallsAllQueuesBeyondItsThresholdEqual) {
  Picked p(picker({{"load-aware-scorer", 1}}), 2);
  p.loads[0].scraped.waiting = 128, p.loads[1].scraped.waiting = 900;
  EXPECT_EQ(p.likely(), (Set{0, 1}));
}

TEST(EndpointPicker, APrefixStaysWhereItWasSent) {
  Picked p(picker({{"prefix-cache-scorer", 1}}), 4);
  const EngineIndex home = p.route({{5, 1000}});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(p.route({{5, 1000}, {100u + static_cast<unsigned>(i), 300}}), home);
}

TEST(EndpointPicker, ColdPromptsGoToWhoGotOneLeastRecently) {
  Picked p(picker({{"no-hit-lru-scorer", 1}}), 3);
  std::vector<EngineIndex> chosen;
  for (unsigned i = 0; i < 6; ++i) chosen.push_back(p.route({{10 + i, 200}}));
  EXPECT_EQ(chosen, (std::vector<EngineIndex>{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ((Set{p.route({{11, 200}}), p.route({{11, 200}}), p.route({{11, 200}}), p.route({{11, 200}}),
                 p.route({{11, 200}}), p.route({{11, 200}}), p.route({{11, 200}}), p.route({{11, 200}})})
                .size(),
            3u)
      << "one that somebody has is no reason for anybody";
  EXPECT_EQ(p.route({{99, 200}}), 0) << "and moves nobody in the list";
}

TEST(EndpointPicker, TokensInFlightAreCountedUntilTheFirstAnsweredToken) {
  Picked p(picker({{"token-load-scorer", 1}}), 2);
  const EngineIndex first = p.route({{1, 5000}});
  EXPECT_EQ(p.route({{2, 300}}), 1 - first);
  EXPECT_EQ(p.route({{3, 300}}), 1 - first) << "600 tokens are fewer than 5000";
  p.router().first_token(0, first);
  EXPECT_EQ(p.route({{4, 300}}), first);
}

TEST(EndpointPicker, ASessionStaysWhereItBegan) {
  Picked p(picker({{"session-affinity-scorer", 1}}), 4);
  const EngineIndex home = p.route({}, 7);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(p.route({}, 7), home);
}

TEST(EndpointPicker, TheAffinityFilterKeepsWhoHasTheMostUnlessItIsTooSlow) {
  Picked p(picker({{"queue-scorer", 1}}, {"prefix-cache-affinity-filter"}), 2);
  const EngineIndex home = p.route({{1, 1024}});
  p.loads[home].scraped.waiting = 50;
  EXPECT_EQ(p.route({{1, 1024}, {2, 192}}), home) << "16 blocks of 19 are enough";
  EXPECT_EQ(p.route({{1, 1024}, {3, 384}}), 1 - home) << "16 of 22 are not";
  // 18 s at 15,928 tokens a second.
  p.loads[home].scraped.waiting = 0;
  p.loads[1 - home].scraped.waiting = 1;
  EXPECT_EQ(p.route({{4, 300'000}}), home);
  p.loads[home].scraped.waiting = 2;
  EXPECT_EQ(p.route({{1, 1024}}), 1 - home);
}

TEST(EndpointPicker, DetectorsLeaveOutTheBusyUnlessAllAre) {
  Picked p(picker({}, {"utilization-detector"}), 3);
  p.loads[0].scraped.waiting = 6, p.loads[1].scraped.kv_usage = 0.9;
  EXPECT_EQ(p.likely(), (Set{2}));
  p.loads[2].scraped.waiting = 7;
  EXPECT_EQ(p.likely(), (Set{0, 1, 2}));
}

// As their limits say: an endpoint that has reached one has no room.
TEST(EndpointPicker, DetectorsLeaveOutWhoHasReachedALimitOrIsNotHeardOf) {
  Picked p(picker({}, {"utilization-detector"}), 4);
  p.loads[0].scraped.waiting = 5, p.loads[1].scraped.kv_usage = 0.8, p.loads[2].scraped.waiting = 4;
  p.loads[3].scraped_at = Time{} - milliseconds{201};
  EXPECT_EQ(p.likely(), (Set{2}));
}

TEST(EndpointPicker, NobodyIsChosenWhileAllAreAsBusyAsTheConcurrencyDetectorAllows) {
  Picked p(picker({}, {"concurrency-detector"}), 2);
  p.loads[0].requests = 100, p.loads[1].requests = 99;
  EXPECT_EQ(p.likely(), (Set{1}));
  p.loads[1].requests = 100;
  EXPECT_EQ(p.route(), kNoReplica);
}

TEST(EndpointPicker, TheWeightedPickerFollowsScores) {
  Picked p(picker({{"kv-cache-utilization-scorer", 1}}, {}, "weighted-random-picker"), 3);
  p.loads[0].scraped.kv_usage = 0.25, p.loads[1].scraped.kv_usage = 0.75, p.loads[2].scraped.kv_usage = 1;
  std::map<EngineIndex, int> count;
  for (int i = 0; i < 8000; ++i) ++count[p.route()];
  EXPECT_NEAR(count[0], 6000, 200);
  EXPECT_NEAR(count[1], 2000, 200);
  EXPECT_EQ(count[2], 0);
}

// ---------------------------------------------------------------- whole runs

OnePool behind(EppConfig config, int replicas) {
  OnePool pool = small();
  pool.replicas = replicas;
  pool.router = {.policy = "epp", .epp = std::move(config)};
  return pool;
}

EppConfig guide() {
  return picker({{"queue-scorer", 2},
                 {"kv-cache-utilization-scorer", 2},
                 {"prefix-cache-scorer", 3},
                 {"no-hit-lru-scorer", 2}});
}

std::vector<ToyRequest> groups(std::uint64_t seed, int count) {
  std::mt19937_64 rng(seed);
  std::vector<ToyRequest> requests = random_traffic(rng, count, 200, 40, 8.0);
  for (ToyRequest& r : requests) {
    const auto shared = static_cast<std::int32_t>(r.spec.prompt_tokens * 3 / 4);
    if (shared > 0) r.prompt = {{1 + rng() % 9, shared}, {kPrivateContent, r.spec.prompt_tokens - shared}};
  }
  return requests;
}

TEST(EndpointPicker, RequestsAreRefusedWhileAllAreAsBusyAsTheConcurrencyDetectorAllows) {
  OnePool pool = behind(picker({}, {"concurrency-detector"}), 2);
  pool.router.epp.plugins[0].values[0] = 1;
  const RunResult result =
      run(pool, {toy(at_ms(0), 10, 5), toy(at_ms(1), 10, 5), toy(at_ms(2), 10, 5), toy(at_ms(200), 10, 5)});
  EXPECT_NE(result.requests[0].replica, result.requests[1].replica);
  EXPECT_EQ(result.requests[2].outcome, Outcome::refused);
  EXPECT_EQ(result.requests[2].ended, at_ms(2));
  EXPECT_EQ(result.requests[3].outcome, Outcome::completed);
}

TEST(EndpointPickerProperty, OneEngineBehindItIsThatEngine) {
  for (const Variant& variant : variants()) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      SCOPED_TRACE(testing::Message() << variant.name << ", seed " << seed);
      const std::vector<ToyRequest> requests = groups(seed, 80);
      OnePool routed = variant.config;
      routed.router = {.policy = "epp", .epp = guide()};
      const RunResult a = run(variant.config, requests, WorkLatency{}),
                      b = run(routed, requests, WorkLatency{});
      ASSERT_EQ(a.engines[0].steps.size(), b.engines[0].steps.size());
      for (std::size_t i = 0; i < requests.size(); ++i) {
        ASSERT_EQ(a.requests[i].first_token, b.requests[i].first_token) << i;
        ASSERT_EQ(a.requests[i].last_token, b.requests[i].last_token) << i;
      }
    }
  }
}

TEST(EndpointPickerProperty, EqualSeedsChooseEquallyAndAllRequestsEnd) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    OnePool pool = behind(guide(), 4);
    pool.seed = seed;
    const std::vector<ToyRequest> requests = groups(seed, 200);
    const RunResult a = run(pool, requests, WorkLatency{}), b = run(pool, requests, WorkLatency{});
    for (std::size_t i = 0; i < requests.size(); ++i) {
      ASSERT_EQ(a.requests[i].replica, b.requests[i].replica) << i;
      ASSERT_NE(a.requests[i].outcome, Outcome::unfinished) << i;
    }
  }
}

// What a scrape saw long ago is a worse guide than what one sees now.
TEST(EndpointPickerProperty, StaleMetricsLengthenTheQueue) {
  double fresh = 0, stale = 0;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    for (const int scrape_ms : {0, 1000}) {
      OnePool pool = behind(picker({{"queue-scorer", 1}, {"running-requests-size-scorer", 1}}), 4);
      pool.engine.scheduler.max_num_seqs = 4;
      pool.router.scrape = milliseconds{scrape_ms};
      std::mt19937_64 rng(seed);
      const RunResult result = run(pool, random_traffic(rng, 800, 40, 30, 6.0), WorkLatency{});
      (scrape_ms == 0 ? fresh : stale) += summarize(result).queue.mean;
    }
  }
  EXPECT_GT(stale, 1.2 * fresh);
}

TEST(EndpointPickerProperty, PrefixesAreFoundMoreOftenThanInTurn) {
  OnePool turns = small();
  turns.replicas = 4;
  std::mt19937_64 rng(3);
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 300; ++i) {
    requests.push_back(toy(at_ms(i * 60), 300, 4));
    requests.back().prompt = {{1 + rng() % 12, 256}, {kPrivateContent, 44}};
  }
  const double in_turn = summarize(run(turns, requests, WorkLatency{})).prefix_hit_rate;
  EXPECT_GT(summarize(run(behind(guide(), 4), requests, WorkLatency{})).prefix_hit_rate, in_turn + 0.05);
}

}  // namespace
}  // namespace blis
