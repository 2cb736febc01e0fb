#include "tools/report/timeline_window.h"

#include <algorithm>
#include <chrono>

#include "blis/error.hpp"
#include "workloads/parse_number.h"

namespace blis {
namespace {

// When the request was last seen: never, if it was refused.
Time last_seen(const RequestRecord& r) {
  if (r.last_token != kUnset) return r.last_token;
  return std::max({r.arrival, r.scheduled, r.first_token});
}

std::size_t events_until(const RunResult& run, Time from, Time until) {
  std::size_t events = 0;
  for (const EngineResult& engine : run.engines) {
    const auto [first, last] = steps_between(engine.steps, from, until);
    events += kEventsPerStep * (last - first);
  }
  for (const RequestRecord& r : run.requests) {
    if (r.arrival >= until) break;  // they are in the order of arrival
    if (last_seen(r) < from || r.scheduled == kUnset) continue;
    events += kEventsPerRequest;
    if (r.tokens.previous != ~0u) events += 4 * (token_spans(run.engines[r.replica], r).size() - 1);
  }
  return events;
}

Time end_of(const RunResult& run) {
  Time end{};
  for (const RequestRecord& r : run.requests) end = std::max(end, last_seen(r));
  for (const EngineResult& engine : run.engines) {
    if (!engine.steps.empty()) end = std::max(end, engine.steps.back().end);
  }
  return end;
}

}  // namespace

TimelineWindow parse_timeline_window(const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto part = [](const std::string& number, Duration missing) {
    return number.empty() ? missing : parse_duration(number, std::chrono::seconds{1}).value_or(Duration{-1});
  };
  TimelineWindow window;
  if (colon != std::string::npos) {
    const Duration until = part(text.substr(colon + 1), Duration::max());
    window.from = part(text.substr(0, colon), Duration{0});
    if (until != Duration::max()) window.until = until;
    if (window.from >= Duration{0} && until > window.from) return window;
  }
  throw InputError(
      ErrorKind::usage,
      Problem{.place = {.file = "--timeline-window " + text},
              .message = "is no span of time",
              .expected = "FROM:TO in seconds, FROM before TO; either may be left out: \"10:20\", \":60\"",
              .got = text});
}

std::pair<std::size_t, std::size_t> steps_between(const StepLog& steps, Time from, Time until) {
  // Steps begin and end in the order of their numbers.
  const auto first_where = [&](auto is_after) {
    std::size_t low = 0, high = steps.size();
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      is_after(steps[middle]) ? high = middle : low = middle + 1;
    }
    return low;
  };
  const std::size_t first = first_where([&](const StepRecord& s) { return s.end > from; });
  const std::size_t last = first_where([&](const StepRecord& s) { return s.start >= until; });
  return {first, std::max(first, last)};
}

std::vector<std::pair<StepIndex, StepIndex>> token_spans(const EngineResult& engine,
                                                         const RequestRecord& request) {
  std::vector<std::pair<StepIndex, StepIndex>> spans;
  for_each_token_interval(engine, request, [&](StepIndex first, StepIndex last) {
    const bool goes_on =
        !spans.empty() && spans.back().first - last <= static_cast<StepIndex>(engine.regular_distance);
    goes_on ? spans.back().first = first : spans.emplace_back(first, last).first;
  });
  std::ranges::reverse(spans);
  return spans;
}

TimelineExtent timeline_extent(const RunResult& run, const TimelineWindow& window) {
  TimelineExtent extent;
  extent.from = Time{window.from};
  extent.until = end_of(run) + Duration{1};
  if (window.until) extent.until = std::min(extent.until, Time{*window.until});
  extent.until = std::max(extent.until, extent.from);
  extent.events = events_until(run, extent.from, extent.until);
  if (extent.events <= window.most_events) return extent;

  // The latest end that is not too much.
  Time fits = extent.from, too_late = extent.until;
  while (too_late - fits > Duration{1}) {
    const Time middle = fits + (too_late - fits) / 2;
    (events_until(run, extent.from, middle) <= window.most_events ? fits : too_late) = middle;
  }
  extent.until = fits;
  extent.events = events_until(run, extent.from, fits);
  extent.truncated = true;
  return extent;
}

}  // namespace blis
