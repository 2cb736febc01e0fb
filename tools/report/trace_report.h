// What `blis trace inspect` prints.
#pragma once

#include <string>

#include "tools/output/text_chart.h"
#include "workloads/trace_stats.h"

namespace blis {

// For people, in lines of at most `width` columns (where it is at least 60). `name` is the trace's.
std::string to_text(const TraceStats& stats, const std::string& name, std::size_t width, Glyphs glyphs);

// For programs: one JSON document with every figure; lengths in tokens, times in seconds.
std::string to_json(const TraceStats& stats, const std::string& name);

}  // namespace blis
