// A replica that dies at a given time.
#pragma once

#include <optional>

#include "sim/request.h"
#include "sim/units.h"

namespace blis {

// What it has of requests then is lost, and their clients get an error: as behind Envoy, where an endpoint
// that is gone takes its streams with it. It is not chosen any more from that moment on.
struct ReplicaFailure {
  EngineIndex replica = 0;
  Time at{};
  std::optional<Duration> restart_after{};  // until a new server is ready in its place; unset: none ever is
};

}  // namespace blis
