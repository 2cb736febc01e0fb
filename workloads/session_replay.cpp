#include "workloads/session_replay.h"

#include <fmt/format.h>

namespace blis {

SessionReplay::SessionReplay(const TraceSpec& spec, std::unique_ptr<TraceRows> rows)
    : spec_(spec), rows_(std::move(rows)) {
  do {
    read_opening();
  } while (rows_->follow_ups() == FollowUps::anywhere && !read_all_);
}

void SessionReplay::read_opening() {
  Time arrival;
  if (const TraceRow* const row = rows_->next(arrival)) {
    chains_.open(arrival, *row);
  } else {
    read_all_ = true;
  }
  for (TraceRow& row : rows_->take_follow_ups()) chains_.follow(std::move(row));
}

Time SessionReplay::next_arrival() const {
  return at_limit() ? kNever : chains_.next();
}

bool SessionReplay::next(RequestSpec& out) {
  const Time arrival = next_arrival();
  if (arrival == kNever) return false;
  row_ = chains_.send(static_cast<RequestIndex>(handed_out_));
  ++handed_out_;
  // Reads on, so that the rows of this chain are known before its first one can end.
  if (!chains_.has_opening() && !read_all_) read_opening();
  out = request_of(row_, spec_, arrival);
  return true;
}

void SessionReplay::on_ended(RequestIndex request, Time at, Outcome outcome, std::int32_t) {
  chains_.ended(request, at, outcome);
}

std::optional<std::uint64_t> SessionReplay::expected() const {
  return std::nullopt;  // `limit` is a bound only
}

std::vector<std::string> SessionReplay::warnings() const {
  std::vector<std::string> all = rows_->warnings();
  if (const std::int64_t rows = chains_.never_sent(); rows > 0) {
    all.push_back(fmt::format("{} later requests of sessions were never sent: one before them failed", rows));
  }
  return all;
}

}  // namespace blis
