#include "sim/fleet/links.h"

#include <algorithm>
#include <cmath>

namespace blis {
namespace {

// Whole nanoseconds, none for nothing.
Duration time_of(double bytes, double bytes_per_ns) {
  return bytes > 0 ? Duration{static_cast<Duration::rep>(std::ceil(bytes / bytes_per_ns))} : Duration{0};
}

double rate_of(const LinkConfig& config, const LinkEnd& end) {
  return config.bytes_per_second * end.gpus * 1e-9;
}

}  // namespace

void Links::begin(const Transfer& transfer, Time at) {
  leave_until(at);
  Flow flow{.transfer = transfer, .left = transfer.bytes, .settled = at, .end = at, .order = begun_++};
  if (config_.bytes_per_second <= 0) flow.left = 0;
  if (flow.left > 0 && config_.sharing == LinkSharing::fifo) return queue_up(flow, at);
  flows_.push_back(flow);
  share(at, transfer.source.rank, transfer.sink.rank);
}

// Its time is known from the start.
void Links::queue_up(Flow flow, Time at) {
  const std::size_t source = flow.transfer.source.rank;
  if (busy_until_.size() <= source) busy_until_.resize(source + 1);
  const double rate = std::min(rate_of(config_, flow.transfer.source), rate_of(config_, flow.transfer.sink));
  flow.end = busy_until_[source] = std::max(at, busy_until_[source]) + time_of(flow.left, rate);
  flows_.push_back(flow);
}

// Gives all flows at these two ends what they get from `at` on.
void Links::share(Time at, std::uint32_t source, std::uint32_t sink) {
  const auto flows_at = [this](auto end_of, std::uint32_t rank) {
    return static_cast<double>(
        std::ranges::count_if(flows_, [&](const Flow& f) { return end_of(f).rank == rank; }));
  };
  const auto source_of = [](const Flow& f) { return f.transfer.source; };
  const auto sink_of = [](const Flow& f) { return f.transfer.sink; };
  for (Flow& flow : flows_) {
    if (source_of(flow).rank != source && sink_of(flow).rank != sink) continue;
    flow.left = std::max(0.0, flow.left - flow.rate * static_cast<double>((at - flow.settled).count()));
    flow.settled = at;
    flow.rate = std::min(rate_of(config_, source_of(flow)) / flows_at(source_of, source_of(flow).rank),
                         rate_of(config_, sink_of(flow)) / flows_at(sink_of, sink_of(flow).rank));
    flow.end = at + time_of(flow.left, flow.rate);
  }
}

std::vector<Links::Flow>::iterator Links::first_to_end() {
  return std::ranges::min_element(flows_, [](const Flow& a, const Flow& b) {
    return a.end != b.end ? a.end < b.end : a.order < b.order;
  });
}

// Who has sent its last byte by `at` leaves the links to the others.
void Links::leave_until(Time at) {
  while (!flows_.empty()) {
    const auto first = first_to_end();
    if (first->end > at) return;
    const Flow gone = *first;
    flows_.erase(first);
    landed_.push_back({gone.end + config_.latency, gone.transfer.request});
    if (config_.sharing == LinkSharing::fair) {
      share(gone.end, gone.transfer.source.rank, gone.transfer.sink.rank);
    }
  }
}

Time Links::next() const {
  if (!landed_.empty()) return landed_.front().at;
  if (flows_.empty()) return kNever;
  return std::ranges::min(flows_, {}, &Flow::end).end + config_.latency;
}

bool Links::arrived(Time at, RequestIndex& request) {
  leave_until(at - config_.latency);
  if (landed_.empty() || landed_.front().at > at) return false;
  request = landed_.front().request;
  landed_.pop_front();
  return true;
}

}  // namespace blis
