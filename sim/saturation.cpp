#include "sim/saturation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace blis {
namespace {

// Waiting that grows by this share of the time that passes: arrivals at 111 % of the capacity.
constexpr double kWaitGrowth = 0.1;
// Waiting still grows when the last tenth of the requests waits this much longer than the fifth did.
constexpr double kStillGrowing = 1.2;
// A backlog that grows by this share of the requests that arrive: 105 % of the capacity.
constexpr double kBacklogGrowth = 0.05;
// Growth of the backlog that chance would not leave, in standard deviations of its difference.
constexpr double kSignificance = 3;
// A run shorter than this many service times only fills up.
constexpr double kLongRun = 4;
// Waits, in service times, that a queue with room to spare does not have.
constexpr double kLongWait = 2;
// Fewer requests say nothing about a part of the run.
constexpr std::size_t kLeastForParts = 500;

double seconds(Duration d) {
  return Seconds(d).count();
}

struct Mean {
  double sum = 0;
  std::int64_t count = 0;
  void add(double value) { sum += value, ++count; }
  double value() const { return count > 0 ? sum / static_cast<double>(count) : 0; }
};

struct Tenth {
  Mean wait;
  Time first = kNever, last{};  // arrivals
  double span_s() const { return seconds(last - first); }
};

// Requests in the system right after the arrival `now`.
std::int64_t backlog_at(std::span<const RequestRecord> requests, Time now) {
  return std::ranges::count_if(requests, [now](const RequestRecord& r) {
    const bool stays = r.outcome == Outcome::unfinished;
    return r.arrival <= now && was_in_system(r) && (stays || departure(r) > now);
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

  Mean service;
  std::array<Tenth, 10> tenths;  // of the requests, in the order of arrival
  std::int64_t served = 0, offered_tokens = 0, served_tokens = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const RequestRecord& r = requests[i];
    offered_tokens += r.input_tokens;
    Tenth& tenth = tenths[i * tenths.size() / requests.size()];
    tenth.first = std::min(tenth.first, r.arrival);
    tenth.last = r.arrival;
    const Time waited_until = r.scheduled != kUnset ? r.scheduled : departure(r);
    if (waited_until != kUnset) tenth.wait.add(seconds(waited_until - r.arrival));
    if (!has_full_answer(r)) continue;
    service.add(seconds(r.last_token - r.scheduled));
    if (r.last_token > end) continue;
    ++served;
    served_tokens += r.input_tokens;
  }
  if (service.count == 0) return s;
  s.mean_service_s = service.value();
  const auto mean_wait = [](const Tenth& tenth) { return tenth.wait.value(); };
  const Tenth& worst = *std::ranges::max_element(tenths, {}, mean_wait);
  s.mean_wait_s = mean_wait(worst);
  s.backlog = backlog_at(requests, end);
  if (window_s > 0) {
    s.offered_requests = static_cast<double>(requests.size()) / window_s;
    s.served_requests = static_cast<double>(served) / window_s;
    s.offered_prompt_tokens = static_cast<double>(offered_tokens) / window_s;
    s.served_prompt_tokens = static_cast<double>(served_tokens) / window_s;
  }

  if (changes_size(run)) return s;
  const double last_wait = mean_wait(tenths.back());
  const bool wait_grows = last_wait > s.mean_service_s && last_wait > kWaitGrowth * window_s &&
                          last_wait > kStillGrowing * mean_wait(tenths[tenths.size() / 2 - 1]);

  const Time middle = begin + (end - begin) / 2;
  const std::int64_t before = backlog_at(requests, middle);
  const auto growth = static_cast<double>(s.backlog - before);
  const auto later =
      std::ranges::count_if(requests, [&](const RequestRecord& r) { return r.arrival > middle; });
  const bool backlog_grows = growth > kSignificance * std::sqrt(static_cast<double>(s.backlog + before)) &&
                             growth > kBacklogGrowth * static_cast<double>(later) &&
                             window_s > kLongRun * s.mean_service_s;
  const bool queues = requests.size() >= kLeastForParts && s.mean_wait_s > kLongWait * s.mean_service_s &&
                      s.mean_wait_s > kWaitGrowth * worst.span_s();

  if (wait_grows || backlog_grows) {
    s.kind = Saturation::Kind::growing;
  } else if (queues) {
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
