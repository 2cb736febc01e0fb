#include "sim/population.h"

#include "sim/radix_sort.h"

namespace blis {

Population::Population(std::span<const RequestRecord> requests) : requests_(requests) {
  departures_.reserve(requests.size() + 1);
  for (const RequestRecord& r : requests) {
    if (r.outcome != Outcome::unfinished && was_in_system(r)) {
      departures_.push_back(since_start(departure(r)).count());
    }
  }
  radix_sort(departures_);
  departures_.push_back(since_start(kNever).count());
}

std::int64_t Population::found_by(std::size_t i) {
  const std::int64_t now = since_start(requests_[i].arrival).count();
  while (departures_[static_cast<std::size_t>(left_)] <= now) ++left_;
  const std::int64_t found = arrived_ - left_;
  arrived_ += was_in_system(requests_[i]);
  return found;
}

}  // namespace blis
