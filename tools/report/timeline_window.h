// Which part of a run a timeline shows.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/run_result.h"

namespace blis {

// What of the run is wanted.
struct TimelineWindow {
  Duration from{0};
  std::optional<Duration> until{};    // unset: to the end
  std::size_t most_events = 500'000;  // what is over ends the timeline earlier, and it says so
};
// "10:20", "10:" or ":20", in seconds of simulated time. Throws InputError (usage).
TimelineWindow parse_timeline_window(const std::string& text);

// What of the run is written.
struct TimelineExtent {
  Time from{}, until{};
  std::size_t events = 0;  // at most; counters that do not change and spans that never began are not written
  bool truncated = false;  // at `until`, for the number of events
};
TimelineExtent timeline_extent(const RunResult& run, const TimelineWindow& window);

constexpr std::size_t kEventsPerStep = 3;
constexpr std::size_t kEventsPerRequest = 10;

// The steps, first and one past the last, that begin before `until` and end after `from`.
std::pair<std::size_t, std::size_t> steps_between(const StepLog& steps, Time from, Time until);

// First and last step of each span in which the request got tokens without being passed over, in order.
std::vector<std::pair<StepIndex, StepIndex>> token_spans(const EngineResult& engine,
                                                         const RequestRecord& request);

}  // namespace blis
