// Which replica serves a request. A policy is a Router and a row.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "sim/request.h"

namespace blis {

// What a load balancer knows of a replica: what it sent there and what came back.
struct ReplicaLoad {
  std::int64_t requests = 0;  // sent and not yet answered
  std::int64_t tokens = 0;    // their prompts
};

// Sees what a proxy in front of real servers could: the request's prompt and session, never its
// output length, and no more of a replica than its load.
class Router {
 public:
  virtual ~Router() = default;
  // Chooses among loads.size() > 0 replicas.
  virtual EngineIndex route(const RequestSpec& request, std::span<const ReplicaLoad> loads) = 0;
};

struct RouterPolicy {
  std::string_view name;
  std::unique_ptr<Router> (*make)(std::uint64_t seed);
  bool sees_loads;  // no replica may then be simulated past the instant of a choice
};

// In turn, whatever they are busy with.
std::unique_ptr<Router> make_round_robin(std::uint64_t seed);
// Fewest requests in flight; equals in turn.
std::unique_ptr<Router> make_least_requests(std::uint64_t seed);
// Fewest prompt tokens in flight; equals in turn.
std::unique_ptr<Router> make_least_tokens(std::uint64_t seed);
// Of two replicas drawn at random, the one with fewer requests (Mitzenmacher 2001).
std::unique_ptr<Router> make_power_of_two(std::uint64_t seed);
// A session stays where its first turn went; that, and requests without a session, go to the
// fewest requests.
std::unique_ptr<Router> make_session(std::uint64_t seed);
// Where the longest prefix of the prompt was sent before, if that is a fair part of it and loads are
// in balance; otherwise the fewest requests. See prefix_router.cpp.
std::unique_ptr<Router> make_prefix(std::uint64_t seed);

inline constexpr std::array kRouters{
    RouterPolicy{"round_robin", make_round_robin, false},
    RouterPolicy{"least_requests", make_least_requests, true},
    RouterPolicy{"least_tokens", make_least_tokens, true},
    RouterPolicy{"power_of_two", make_power_of_two, true},
    RouterPolicy{"session", make_session, true},
    RouterPolicy{"prefix", make_prefix, true},
};

// The replica with the least of `measure`(load), the first one from `turn` on among equals.
template <class Measure>
EngineIndex least_loaded(std::span<const ReplicaLoad> loads, std::size_t turn, Measure measure) {
  std::size_t best = turn % loads.size();
  for (std::size_t i = 1; i < loads.size(); ++i) {
    const std::size_t candidate = (turn + i) % loads.size();
    if (measure(loads[candidate]) < measure(loads[best])) best = candidate;
  }
  return static_cast<EngineIndex>(best);
}

}  // namespace blis
