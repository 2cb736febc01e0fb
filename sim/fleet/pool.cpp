#include "sim/fleet/pool.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "blis/error.hpp"

namespace blis {
namespace {

std::string_view to_string(Role role) {
  constexpr std::array<std::string_view, 3> kNames{"both", "prefill", "decode"};
  return kNames[static_cast<std::size_t>(role)];
}

[[noreturn]] void refuse(std::string message, std::string hint) {
  throw InputError(ErrorKind::usage, Problem{.message = std::move(message), .hint = std::move(hint)});
}

}  // namespace

void check_pools(std::span<const Pool> pools) {
  const auto any = [&](Role role) { return std::ranges::find(pools, role, &Pool::role) != pools.end(); };
  if (pools.empty()) refuse("a deployment without pools serves nobody", "give it one");
  for (const Pool& pool : pools) {
    if (pool.count < 1) refuse("the pool `" + pool.name + "` has no instance", "leave it out");
    if (!pool.engine->plays(pool.role)) {
      refuse("the pool `" + pool.name + "` cannot have the role " + std::string(to_string(pool.role)) +
                 ": its engine is not simulated in it",
             "use the role both");
    }
    if (pool.engine->endpoints() > 1 && pool.scaling) {
      refuse("the pool `" + pool.name + "` has endpoints for parts of its ranks, which do not come and go",
             "let it have a fixed number of replicas");
    }
    if (!pool.scaling) continue;
    if (pool.role != Role::both) {
      refuse("the pool `" + pool.name + "` computes parts of requests, and its replicas would come and go",
             "scale a pool with the role both");
    }
    if (pool.scaling->min_replicas > pool.count || pool.count > pool.scaling->max_replicas ||
        pool.scaling->min_replicas < 1) {
      refuse("the pool `" + pool.name + "` starts with a number of instances that is out of its limits",
             "start it within them, and with one at least");
    }
  }
  if (any(Role::prefill) != any(Role::decode)) {
    refuse("prefill and decode pools cannot serve a request without each other", "add the other one");
  }
  if (any(Role::prefill) && any(Role::both)) {
    refuse("who decides whether a request is prefilled elsewhere is not simulated",
           "leave out the pools with the role both, or all others");
  }
}

int total_instances(std::span<const Pool> pools) {
  int total = 0;
  for (const Pool& pool : pools) total += pool.places();
  return total;
}

int total_gpus(std::span<const Pool> pools) {
  int total = 0;
  for (const Pool& pool : pools) total += pool.places() * pool.gpus;
  return total;
}

}  // namespace blis
