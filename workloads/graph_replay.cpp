#include "workloads/graph_replay.h"

#include <fmt/format.h>

namespace blis {

GraphReplay::GraphReplay(const TraceSpec& spec, std::unique_ptr<TraceRows> rows)
    : spec_(spec), rows_(std::move(rows)) {
  Time arrival;
  while (const TraceRow* const row = rows_->next(arrival)) graph_.open(arrival, *row);
  for (TraceRow& row : rows_->take_follow_ups()) graph_.follow(std::move(row));
}

Time GraphReplay::next_arrival() const {
  return spec_.limit && handed_out_ >= *spec_.limit ? kNever : graph_.next();
}

bool GraphReplay::next(RequestSpec& out) {
  const Time arrival = next_arrival();
  if (arrival == kNever) return false;
  row_ = graph_.send(static_cast<RequestIndex>(handed_out_));
  ++handed_out_;
  out = request_of(row_, spec_, arrival);
  return true;
}

void GraphReplay::on_ended(RequestIndex request, Time at, Outcome outcome, std::int32_t) {
  graph_.ended(request, at, outcome);
}

std::vector<std::string> GraphReplay::warnings() const {
  std::vector<std::string> all = rows_->warnings();
  if (graph_.never_sent() > 0) {
    all.push_back(
        fmt::format("{} calls were never sent: one that they waited for failed", graph_.never_sent()));
  }
  if (graph_.left_out() > 0) {
    all.push_back(fmt::format("{} calls are left out, with those that they waited for", graph_.left_out()));
  }
  return all;
}

}  // namespace blis
