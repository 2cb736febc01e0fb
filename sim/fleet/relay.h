// Requests that pass through two pools: while one computes the prompt, what the other will need.
#pragma once

#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/request.h"
#include "sim/run_result.h"

namespace blis {

// A leg in a prefill pool is a request of its own to the engine: the same prompt, and one token that nobody
// sees. Its record goes to the side table of the run; the request's own is left to the pool that answers.
class Relay {
 public:
  struct Held {
    RequestIndex request = 0;
    RequestSpec spec;
    std::vector<ContentRun> prompt;
  };

  // Begins the first leg of `request` at `sent`. Returns the index of the leg, and what to send.
  std::pair<RequestIndex, RequestSpec> begin(RequestIndex request, const RequestSpec& spec, Time sent);

  // The leg has ended, and is held no longer.
  Held end(RequestIndex leg);

  // The leg that the request is on, if that is a first one.
  const RequestIndex* leg_of(RequestIndex request) const;

  LargeVector<RequestRecord>& records() { return legs_.records; }  // by leg
  FurtherLegs take() { return std::move(legs_); }

 private:
  FurtherLegs legs_;
  std::unordered_map<RequestIndex, Held> held_;            // by leg
  std::unordered_map<RequestIndex, RequestIndex> leg_of_;  // by request
};

}  // namespace blis
