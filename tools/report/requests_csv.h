// requests.csv: a row a request, all times in whole nanoseconds since the start of the simulation.
#pragma once

#include <string>

#include "sim/run_result.h"

namespace blis {

// Columns: request_id, replica, arrival_ns, queued_ns, scheduled_ns, first_token_ns, last_token_ns,
// input_tokens, output_tokens, hit_tokens, preemptions, outcome, and a column for each part of the latency
// (parts_of, sim/attribution.h, with _ns), empty of requests without a full answer. A time that never
// came is empty.
// Warm-up requests are rows too. Throws InputError (io).
void write_requests_csv(const std::string& path, const RunResult& run);

}  // namespace blis
