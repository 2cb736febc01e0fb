// Requests that pass through two pools: while one computes the prompt, what the other will need.
#pragma once

#include <unordered_map>
#include <utility>

#include "sim/fleet/held_request.h"
#include "sim/instance.h"
#include "sim/request.h"
#include "sim/run_result.h"

namespace blis {

// A leg in a prefill pool is a request of its own to the engine: the same prompt, and one token that nobody
// sees. Its record goes to the side table of the run; the request's own is left to the pool that answers.
class Relay {
 public:
  struct Held {
    RequestIndex request = 0;
    HeldRequest whole;
  };

  // The index of the leg that begins next.
  RequestIndex next() const { return static_cast<RequestIndex>(legs_.records.size()); }

  // Begins the first leg of `request` at `sent`. Returns the index of the leg, and what to send.
  std::pair<RequestIndex, RequestSpec> begin(RequestIndex request, const RequestSpec& spec, Time sent);

  // The leg has ended, and is held no longer.
  Held end(RequestIndex leg);

  // The leg that the request is on, if that is a first one.
  const RequestIndex* leg_of(RequestIndex request) const;

  // A request goes on whose first leg was this one: its blocks are there until taken.
  void hand_on(RequestIndex request, RequestIndex leg) { left_[request] = leg; }
  // The leg whose blocks it pulls, which it has begun to.
  RequestIndex begin_pull(const KvPull& pull);
  // They are there. Returns the leg, whose blocks nobody needs any more.
  RequestIndex end_pull(RequestIndex request, Time at);

  LargeVector<RequestRecord>& records() { return legs_.records; }  // by leg
  FurtherLegs take() { return std::move(legs_); }

 private:
  FurtherLegs legs_;
  std::unordered_map<RequestIndex, Held> held_;            // by leg
  std::unordered_map<RequestIndex, RequestIndex> leg_of_;  // by request, of those in their first leg
  std::unordered_map<RequestIndex, RequestIndex> left_;    // by request, of those in their second leg
};

}  // namespace blis
