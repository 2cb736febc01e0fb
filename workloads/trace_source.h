// A trace as a source of requests: the options that are the same for every format.
#pragma once

#include <memory>

#include "workloads/workload.h"

namespace blis {

// Time 0 is the arrival of the first row replayed. Rows are streamed; held are only those within
// the dither window, or all of them when they have to be sorted.
std::unique_ptr<WorkloadSource> open_trace_source(const TraceSpec& spec, std::uint64_t seed,
                                                  TraceStore* store = nullptr);

}  // namespace blis
