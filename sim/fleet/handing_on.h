// Which requests are computed in two places, and how the KV blocks get from one to the other.
#pragma once

#include <chrono>
#include <cstdint>

#include "sim/fleet/links.h"

namespace blis {

struct HandingOn {
  // A prompt is computed apart if it has at least so many tokens, and so many of them are not cached where it
  // is answered, as the router's index tells, or, of a router that has none, that instance's cache events; 0:
  // every prompt. llm-d's always-disagg-pd-decider and prefix-based-pd-decider.
  std::int32_t prompt_tokens = 0, non_cached_tokens = 0;
  // Blocks that nobody has come for are kept so long: NIXL's kv_lease_duration. Who waits to be admitted
  // where the request goes on renews it.
  Duration lease = std::chrono::seconds{30};
  LinkConfig link{};
};

}  // namespace blis
