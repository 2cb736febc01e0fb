#include "workloads/session_replay.h"

#include <fmt/format.h>

namespace blis {

SessionReplay::SessionReplay(const TraceSpec& spec, std::unique_ptr<TraceRows> rows)
    : spec_(spec), rows_(std::move(rows)) {
  if (rows_->follow_ups() == FollowUps::anywhere) {
    std::size_t known = 0;
    do {
      known = openings_.size();
      read_opening();
    } while (openings_.size() > known);
  } else {
    read_opening();
  }
}

void SessionReplay::read_opening() {
  Time arrival;
  if (const TraceRow* const row = rows_->next(arrival)) openings_.emplace_back(arrival, *row);
  for (TraceRow& row : rows_->take_follow_ups()) waiting_[row.session].push_back(std::move(row));
}

Time SessionReplay::next_arrival() const {
  if (at_limit()) return kNever;
  return openings_.empty() ? due_.next() : std::min(openings_.front().first, due_.next());
}

bool SessionReplay::next(RequestSpec& out) {
  const Time arrival = next_arrival();
  if (arrival == kNever) return false;
  if (!openings_.empty() && openings_.front().first == arrival) {
    row_ = std::move(openings_.front().second);
    openings_.pop_front();
    // Reads on, so that the calls of this chain are known before its first one can end.
    if (openings_.empty()) read_opening();
  } else {
    std::deque<TraceRow>& left = waiting_[due_.pop()];
    row_ = std::move(left.front());
    left.pop_front();
  }
  out = request_of(row_, spec_, arrival);
  if (row_.session != 0) in_flight_.emplace(static_cast<RequestIndex>(handed_out_), row_.session);
  ++handed_out_;
  return true;
}

void SessionReplay::on_ended(RequestIndex request, Time at, Outcome outcome, std::int32_t) {
  const auto flight = in_flight_.find(request);
  if (flight == in_flight_.end()) return;
  const Session session = flight->second;
  in_flight_.erase(flight);
  const auto left = waiting_.find(session);
  if (left == waiting_.end()) return;
  if (!left->second.empty() && !ended_well(outcome)) {
    never_sent_ += std::ssize(left->second);
    left->second.clear();
  }
  if (left->second.empty()) {
    waiting_.erase(left);
  } else {
    due_.push(at + rows_->scaled(*left->second.front().wait), session);
  }
}

std::optional<std::uint64_t> SessionReplay::expected() const {
  return std::nullopt;  // `limit` is a bound only
}

std::vector<std::string> SessionReplay::warnings() const {
  std::vector<std::string> all = rows_->warnings();
  if (never_sent_ > 0) {
    all.push_back(
        fmt::format("{} later requests of sessions were never sent: one before them failed", never_sent_));
  }
  return all;
}

}  // namespace blis
