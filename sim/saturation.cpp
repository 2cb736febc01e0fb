#include "sim/saturation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace blis {
namespace {

// Waiting grows when a tenth of the requests waits this much longer than those half way did.
constexpr double kWaitGrowth = 1.2;
// A backlog grows when, of the requests that arrive in the second half, this share is still
// there at the end on top of what was there before...
constexpr double kBacklogGrowth = 0.05;
// ... and it is more than chance would leave...
constexpr std::int64_t kLeastGrowth = 10;
// ... in a run that is longer than this many service times, or else it was only filling up.
constexpr double kLongRun = 4;

double seconds(Duration d) {
  return Seconds(d).count();
}

struct Wait {
  double sum = 0;
  std::int64_t count = 0;
  double mean() const { return count > 0 ? sum / static_cast<double>(count) : 0; }
};

// Requests in the system right after the arrival `now`.
std::int64_t backlog_at(std::span<const RequestRecord> requests, Time now) {
  return std::ranges::count_if(requests, [now](const RequestRecord& r) {
    const bool stays = r.outcome == Outcome::unfinished;
    return r.arrival <= now && (stays || (r.last_token != kUnset && r.last_token > now));
  });
}

}  // namespace

Saturation assess_saturation(const RunResult& run, const MetricsOptions& options) {
  const auto requests = std::span(run.requests).subspan(first_measured(run, options));
  Saturation s;
  if (requests.size() < 2) return s;
  const Time begin = requests.front().arrival;
  const Time end = requests.back().arrival;
  const double window_s = seconds(end - begin);

  Wait service;
  std::array<Wait, 10> waits;  // by tenths of the requests, in the order of arrival
  std::int64_t served = 0, offered_tokens = 0, served_tokens = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const RequestRecord& r = requests[i];
    offered_tokens += r.input_tokens;
    if (r.scheduled != kUnset) {
      Wait& tenth = waits[i * waits.size() / requests.size()];
      tenth.sum += seconds(r.scheduled - r.arrival);
      ++tenth.count;
    }
    if (!has_full_answer(r)) continue;
    service.sum += seconds(r.last_token - r.scheduled);
    ++service.count;
    if (r.last_token > end) continue;
    ++served;
    served_tokens += r.input_tokens;
  }
  if (service.count == 0) return s;
  s.mean_service_s = service.mean();
  s.mean_wait_s = std::ranges::max(waits, {}, &Wait::mean).mean();
  s.backlog = backlog_at(requests, end);
  if (window_s > 0) {
    s.offered_requests = static_cast<double>(requests.size()) / window_s;
    s.served_requests = static_cast<double>(served) / window_s;
    s.offered_prompt_tokens = static_cast<double>(offered_tokens) / window_s;
    s.served_prompt_tokens = static_cast<double>(served_tokens) / window_s;
  }

  const double last_wait = waits.back().mean();
  const double middle_wait = waits[waits.size() / 2 - 1].mean();
  const bool wait_grows = last_wait > s.mean_service_s && last_wait > kWaitGrowth * middle_wait;

  const Time middle = begin + (end - begin) / 2;
  const std::int64_t growth = s.backlog - backlog_at(requests, middle);
  const auto later =
      std::ranges::count_if(requests, [&](const RequestRecord& r) { return r.arrival > middle; });
  const bool backlog_grows = growth >= kLeastGrowth &&
                             static_cast<double>(growth) > kBacklogGrowth * static_cast<double>(later) &&
                             window_s > kLongRun * s.mean_service_s;

  if (wait_grows || backlog_grows) {
    s.kind = Saturation::Kind::growing;
  } else if (s.mean_wait_s > s.mean_service_s) {
    s.kind = Saturation::Kind::queueing;
  }
  return s;
}

std::string to_sentence(const Saturation& s) {
  switch (s.kind) {
    case Saturation::Kind::none:
      return {};
    case Saturation::Kind::queueing:
      return fmt::format(
          "saturated for part of the run: a tenth of the requests waited {:.3g} s on average before being "
          "scheduled, longer than the {:.3g} s that serving a request took",
          s.mean_wait_s, s.mean_service_s);
    case Saturation::Kind::growing:
      break;
  }
  if (s.offered_requests == 0) {
    return fmt::format(
        "saturated: all requests came at once, so that latencies grow with their number; {} were in the "
        "system",
        s.backlog);
  }
  return fmt::format(
      "saturated: {:.4g} requests/s ({:.5g} prompt tokens/s) were offered and {:.4g} ({:.5g}) served, and {} "
      "requests were in the system at the last arrival; latencies grow with the length of the run",
      s.offered_requests, s.offered_prompt_tokens, s.served_requests, s.served_prompt_tokens, s.backlog);
}

}  // namespace blis
