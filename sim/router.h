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

class Router {
 public:
  virtual ~Router() = default;
  // Chooses among loads.size() > 0 replicas.
  virtual EngineIndex route(const RequestSpec& request, std::span<const ReplicaLoad> loads) = 0;
};

struct RouterPolicy {
  std::string_view name;
  std::unique_ptr<Router> (*make)(std::uint64_t seed);
};

std::unique_ptr<Router> make_round_robin(std::uint64_t seed);

inline constexpr std::array kRouters{
    RouterPolicy{"round_robin", make_round_robin},
};

}  // namespace blis
