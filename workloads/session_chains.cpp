#include "workloads/session_chains.h"

#include <algorithm>

namespace blis {

Time SessionChains::next() const {
  return openings_.empty() ? due_.next() : std::min(openings_.front().first, due_.next());
}

TraceRow SessionChains::send(RequestIndex request) {
  TraceRow row;
  if (!openings_.empty() && openings_.front().first <= due_.next()) {
    row = std::move(openings_.front().second);
    openings_.pop_front();
  } else {
    std::deque<TraceRow>& rows = left_.find(due_.pop())->second;
    row = std::move(rows.front());
    rows.pop_front();
  }
  if (row.chain != 0) in_flight_.emplace(request, row.chain);
  return row;
}

void SessionChains::ended(RequestIndex request, Time at, Outcome outcome) {
  const auto flight = in_flight_.find(request);
  if (flight == in_flight_.end()) return;
  const Chain chain = flight->second;
  in_flight_.erase(flight);
  const auto left = left_.find(chain);
  if (left == left_.end()) return;
  if (!left->second.empty() && ended_well(outcome)) {
    // A wait that leads beyond the clock stays beyond it, where nothing is sent.
    const Duration wait = std::min(*left->second.front().wait, since_start(kLastTime));
    due_.push(at + wait, chain);
    return;
  }
  never_sent_ += std::ssize(left->second);
  left_.erase(left);
}

}  // namespace blis
