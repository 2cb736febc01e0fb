// The requests of a measured run, one by one: when each was sent, how long it was, what became of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/units.h"

namespace blis {

struct RecordedRequest {
  int stage = 0;
  Duration intended{};  // when the load generator wanted to send it
  Duration sent{};      // when it did; the same where only one is recorded
  std::int32_t input_tokens = 0, output_tokens = 0;
  std::optional<std::int64_t> prompt;       // equal numbers are equal prompts
  std::optional<std::int64_t> seen_tokens;  // its first tokens that an earlier prompt began with, too
  std::optional<double> ttft_ms, e2e_ms;    // from `sent`; none of a request that failed
  bool failed = false;
};

// In the file's order. Columns: input_tokens, output_tokens, and if there send_s or arrival_s (else all are
// sent at 0), intended_arrival_s, stage, prompt_idx, prefix_hit_tokens_infinite_cache, ttft_ms, e2e_ms,
// failed. A request that failed may have no tokens: it counts as one of a single token.
// Throws InputError (io) for a missing column or a broken row.
std::vector<RecordedRequest> read_recorded(const std::string& path);

// Longest delay between intended and actual sending.
Duration send_lag(const std::vector<RecordedRequest>& requests);
// Most requests that were in flight at one instant.
std::int64_t most_in_flight(const std::vector<RecordedRequest>& requests);
// Generated tokens a second between the first sending and the last token; NaN if not recorded.
double output_throughput(const std::vector<RecordedRequest>& requests);

}  // namespace blis
