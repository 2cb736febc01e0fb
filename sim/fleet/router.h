// Which replica serves a request. A policy is a Router and a row.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/content_tree.h"
#include "sim/engine_type.h"
#include "sim/fleet/router_config.h"
#include "sim/request.h"

namespace blis {

struct RankBalanceRule;

// What a router knows of a replica, which it numbers from 0.
struct ReplicaLoad {
  std::int64_t requests = 0;  // sent and not yet answered: its own count, exact
  std::int64_t tokens = 0;    // their prompts
  Gauges scraped{};           // the replica's metrics at the last scrape, if the router reads them
  Time scraped_at = kUnset;   // when that was
  std::int32_t cached = 0;    // prompt tokens that it has cached, if the router hears of its cache
};

// That there is none which a request may be sent to.
constexpr EngineIndex kNoReplica = ~EngineIndex{0};

// One request to be sent.
struct Call {
  const RequestSpec& request;
  std::span<const ReplicaLoad> loads;    // of all replicas
  std::span<const std::size_t> serving;  // those it can be sent to, ascending; at least one
  RequestIndex number = 0;               // of the request, in what the router hears of it later
  Time at{};                             // now
  std::span<const ChainLink> chain{};    // the nodes of its prompt, if the router reads contents
};

// What a router looks at, so that nothing else is worked out for it.
struct Senses {
  bool loads = false;         // ReplicaLoad::requests and tokens
  bool metrics = false;       // ReplicaLoad::scraped
  bool contents = false;      // Call::chain
  bool caches = false;        // ReplicaLoad::cached
  bool first_tokens = false;  // Router::first_token
  bool ends = false;          // Router::ended
  bool at_once = false;       // metrics of all replicas are scraped at the same instants

  // Whether a choice depends on what replicas have done, so that none may be simulated past it.
  bool of_replicas() const { return loads || metrics || caches || first_tokens || ends; }
};

// What a router is told of the deployment when it starts.
struct Site {
  std::vector<PublishedFacts> replicas;
  ContentTree& contents;  // that Call::chain refers to
  std::uint64_t seed = 0;
};

// Sees what a proxy in front of real servers could: the request's prompt and session, never its output
// length; and of a replica what it counts itself, or what the replica publishes.
class Router {
 public:
  virtual ~Router() = default;

  virtual Senses senses() const = 0;

  // Chooses one of call.serving, where the request is then sent; or kNoReplica, and it is refused.
  virtual EngineIndex route(const Call& call) = 0;

  // Tokens of the prompt last routed that it believes to be cached where it is sent. Nothing: it keeps no
  // account.
  virtual std::optional<std::int64_t> believed_cached() const { return std::nullopt; }

  // The client has got the first token of a request, or the end of it, whichever came: told before the first
  // choice from then on.
  virtual void first_token(RequestIndex /*number*/, EngineIndex /*replica*/) {}
  virtual void ended(RequestIndex /*number*/, EngineIndex /*replica*/, Time /*at*/) {}

  // The replica is not among the serving ones any more. Should it be again, it is a new server, which knows
  // nothing of what was sent there before.
  virtual void left(EngineIndex /*replica*/) {}
};

struct RouterPolicy {
  std::string_view name;
  std::unique_ptr<Router> (*make)(const RouterConfig& config, Site site);
  std::span<const PolicyParameter> parameters{};
  Duration scrape{0};  // between two looks at metrics, where nobody says; 0: it reads none
};

using MadeRouter = std::unique_ptr<Router>;
// In turn, whatever they are busy with.
MadeRouter make_round_robin(const RouterConfig& config, Site site);
// One drawn at random, whatever they are busy with.
MadeRouter make_random(const RouterConfig& config, Site site);
// Fewest requests in flight; equals in turn.
MadeRouter make_least_requests(const RouterConfig& config, Site site);
// Fewest prompt tokens in flight; equals in turn.
MadeRouter make_least_tokens(const RouterConfig& config, Site site);
// Of two replicas drawn at random, the one with fewer requests (Mitzenmacher 2001).
MadeRouter make_power_of_two(const RouterConfig& config, Site site);
// A session stays where its first turn went; that, and requests without a session, go to the fewest requests.
MadeRouter make_session(const RouterConfig& config, Site site);
// Where the longest prefix of the prompt was sent before, if that is a fair part of it and loads are in
// balance; otherwise the fewest requests. See prefix_router.cpp.
MadeRouter make_prefix(const RouterConfig& config, Site site);
// llm-d's endpoint picker, as its configuration file has it. See epp/endpoint_picker.cpp.
MadeRouter make_endpoint_picker(const RouterConfig& config, Site site);

// SGLang's gateway: where the longest prefix was sent, or who remembers least. See cache_aware_router.cpp.
MadeRouter make_cache_aware(const RouterConfig& config, Site site);
// The production stack's prefixaware: any of those with the longest prefix. See prefix_aware_router.cpp.
MadeRouter make_prefix_aware(const RouterConfig& config, Site site);
// AIBrix's prefix-cache: the longest prefix whose replica is not busier than most. See aibrix_router.cpp.
MadeRouter make_aibrix_prefix_cache(const RouterConfig& config, Site site);
// Dynamo's KV router: the least of blocks to compute and blocks in use. See dynamo_router.cpp.
MadeRouter make_dynamo_kv(const RouterConfig& config, Site site);
// A Kubernetes Service, which chooses for a connection. See kubernetes_service.cpp.
MadeRouter make_kubernetes_service(const RouterConfig& config, Site site);
// How vLLM's API servers balance data-parallel engines. See vllm_balance.cpp.
MadeRouter make_vllm_balance(const RouterConfig& config, Site site);

inline constexpr std::array kCacheAwareParameters{
    PolicyParameter{.name = "cache_threshold", .standard = 0.3, .high = 1},
    PolicyParameter{.name = "balance_abs_threshold", .standard = 64},
    PolicyParameter{.name = "balance_rel_threshold", .standard = 1.5},
    PolicyParameter{.name = "max_tree_tokens", .standard = 1 << 22, .low = 1},
};
inline constexpr std::array kAibrixParameters{
    PolicyParameter{.name = "block_tokens", .standard = 16, .low = 1, .high = 1 << 20},
    PolicyParameter{.name = "running_spread", .standard = 8},
    PolicyParameter{.name = "standard_deviations", .standard = 1},
};
inline constexpr std::array kDynamoParameters{
    PolicyParameter{.name = "kv_overlap_score_credit", .standard = 1},
    PolicyParameter{.name = "prefill_load_scale", .standard = 1},
    PolicyParameter{.name = "temperature", .standard = 0},
};
inline constexpr std::array kKubernetesServiceParameters{
    PolicyParameter{.name = "keep_alive_s", .standard = 5},
    PolicyParameter{.name = "in_turn", .standard = 0, .high = 1, .kind = PolicyParameter::Kind::boolean},
};
inline constexpr std::array kVllmBalanceParameters{
    PolicyParameter{.name = "api_server_count",
                    .standard = 1,
                    .low = 1,
                    .high = 1024,
                    .kind = PolicyParameter::Kind::integer},
    PolicyParameter{
        .name = "before_july_2026", .standard = 0, .high = 1, .kind = PolicyParameter::Kind::boolean},
    PolicyParameter{.name = "rotates_ties", .standard = 1, .high = 1, .kind = PolicyParameter::Kind::boolean},
    PolicyParameter{
        .name = "ranks_are_heard", .standard = 1, .high = 1, .kind = PolicyParameter::Kind::boolean},
};
// What these say, a value each in their order.
RankBalanceRule balance_rule(std::span<const double> values);

inline constexpr std::array kRouters{
    RouterPolicy{"round_robin", make_round_robin},
    RouterPolicy{"random", make_random},
    RouterPolicy{"least_requests", make_least_requests},
    RouterPolicy{"least_tokens", make_least_tokens},
    RouterPolicy{"power_of_two", make_power_of_two},
    RouterPolicy{"session", make_session},
    RouterPolicy{"prefix", make_prefix},
    RouterPolicy{"epp", make_endpoint_picker, {}, std::chrono::milliseconds{50}},
    RouterPolicy{"cache_aware", make_cache_aware, kCacheAwareParameters},
    RouterPolicy{"prefix_aware", make_prefix_aware},
    RouterPolicy{"aibrix_prefix_cache", make_aibrix_prefix_cache, kAibrixParameters},
    RouterPolicy{"dynamo_kv", make_dynamo_kv, kDynamoParameters},
    RouterPolicy{"kubernetes_service", make_kubernetes_service, kKubernetesServiceParameters},
    RouterPolicy{"vllm_balance", make_vllm_balance, kVllmBalanceParameters, std::chrono::milliseconds{100}},
};

// The router that the configuration names.
MadeRouter make_router(const RouterConfig& config, Site site);

// The serving replica with the least of `measure`(load), the first one from `turn` on among equals.
template <class Measure>
EngineIndex least_loaded(const Call& call, std::size_t turn, Measure measure) {
  const std::size_t count = call.serving.size();
  std::size_t best = call.serving[turn % count];
  for (std::size_t i = 1; i < count; ++i) {
    const std::size_t candidate = call.serving[(turn + i) % count];
    if (measure(call.loads[candidate]) < measure(call.loads[best])) best = candidate;
  }
  return static_cast<EngineIndex>(best);
}

// The fewest and the most requests in flight of a serving replica.
struct RequestExtremes {
  std::int64_t least, most;
};
inline RequestExtremes extremes_of_requests(const Call& call) {
  RequestExtremes found{call.loads[call.serving[0]].requests, call.loads[call.serving[0]].requests};
  for (const std::size_t replica : call.serving) {
    found.least = std::min(found.least, call.loads[replica].requests);
    found.most = std::max(found.most, call.loads[replica].requests);
  }
  return found;
}

}  // namespace blis
