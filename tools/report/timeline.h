// A run as a timeline in Chrome's trace format, which Perfetto opens.
#pragma once

#include <ostream>

#include "tools/report/timeline_window.h"

namespace blis {

// Of each replica its steps (complete events: the batch, what binds), the sequences running and waiting and
// the KV blocks in use (counters), and its requests (async spans, with queue, prefill, decode and what comes
// between two stretches of decode within). What lies across an end of the extent is cut there. Microseconds
// have three decimals, so that nothing is rounded; a step's duration is a nanosecond short. An event a line.
void write_timeline(std::ostream& out, const RunResult& run, const TimelineExtent& extent);

}  // namespace blis
