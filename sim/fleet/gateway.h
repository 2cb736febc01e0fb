// What stands before the router: a proxy and whoever it asks for an engine, and the requests that are there.
#pragma once

#include <set>
#include <unordered_map>
#include <utility>

#include "sim/fleet/held_request.h"
#include "sim/request.h"
#include "sim/units.h"

namespace blis {

struct GatewayConfig {
  Duration latency{0};    // of every request, until an engine is chosen
  Duration per_token{0};  // more for each token of its prompt, as for hashing it
  Time opens{};           // nothing gets through before: a benchmark's client is still starting

  bool takes_time() const { return latency > Duration{0} || per_token > Duration{0} || opens > Time{}; }
  // The least of any request.
  Duration least() const { return latency + per_token; }
  Duration time(const RequestSpec& request) const { return latency + per_token * request.prompt_tokens; }
};

// Keeps requests until an engine is chosen for them: what a source hands out is valid for one call only.
class Gateway {
 public:
  explicit Gateway(const GatewayConfig& config) : config_(config) {}

  bool takes_time() const { return config_.takes_time(); }
  Duration least() const { return config_.least(); }

  // Takes the request in. Returns when an engine is to be chosen.
  Time enter(RequestIndex index, const RequestSpec& request);
  // When the next one leaves, of those that are here; kNever: nobody is.
  Time next() const { return due_.empty() ? kNever : due_.begin()->first; }

  // Calls `send(request)` for one that is still here, which then is not.
  template <class Send>
  void leave(RequestIndex index, Send send) {
    auto held = held_.extract(index);
    if (held.empty()) return;
    due_.erase({held.mapped().due, index});
    send(held.mapped().request.spec());
  }

  // True if the request was still here. Its client has given up, and it goes nowhere.
  bool drop(RequestIndex index);

 private:
  struct Held {
    Time due;
    HeldRequest request;
  };
  GatewayConfig config_;
  std::unordered_map<RequestIndex, Held> held_;
  std::set<std::pair<Time, RequestIndex>> due_;  // of those held
};

}  // namespace blis
