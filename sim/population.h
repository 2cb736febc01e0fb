// How many requests are in the system: sent, and neither answered nor given up.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/request.h"

namespace blis {

// Goes through the arrivals of a run. A request that leaves at an instant is gone when others arrive at it;
// what was refused at once was never in.
class Population {
 public:
  explicit Population(std::span<const RequestRecord> requests);

  // Requests in the system that the i-th finds on arrival. To be asked for each, in order.
  std::int64_t found_by(std::size_t i);

 private:
  std::span<const RequestRecord> requests_;
  std::vector<std::int64_t> departures_;  // ns, ascending; then never
  std::int64_t arrived_ = 0, left_ = 0;
};

}  // namespace blis
