// An address that requests are sent to: an instance's, or that of some of its data-parallel ranks, if it has
// several. Routers number endpoints as instances do, from 0 in the order of the pools.
#pragma once

#include <cstdint>

#include "sim/fleet/api_server.h"
#include "sim/fleet/queue_limits.h"
#include "sim/request.h"

namespace blis {

struct Endpoint {
  EngineIndex number;    // among all endpoints
  EngineIndex replica;   // whose it is
  EndpointIndex within;  // which of that one's
  ApiServer api;
  QueuedRequests queued;
  std::int64_t promised = 0;  // requests it will go on with, whose prompts are computed elsewhere
};

}  // namespace blis
