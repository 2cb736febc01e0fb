// Mooncake traces: milliseconds from the start, a hash id for each 512 tokens.
// Source: github.com/kvcache-ai/Mooncake, FAST25-release/traces.

#include "workloads/hashed_trace.h"
#include "workloads/trace_readers.h"

namespace blis {

using namespace std::chrono_literals;

// The form that timed_trace and Bailian also have; what distinguishes it is the size of a block.
bool is_mooncake(const TraceHead& head) {
  const bool lengths =
      has_keys(head, {"input_length", "output_length"}) || has_keys(head, {"input_tokens", "output_tokens"});
  const bool time = has_keys(head, {"timestamp"}) || has_keys(head, {"created_time"});
  // ServeGen's requests have their lengths within a map, and seconds.
  return lengths && time && !has_keys(head, {"data"});
}

std::unique_ptr<TraceReader> open_mooncake(LineReader lines, const ReaderOptions&) {
  return open_hashed(std::move(lines), {.time_unit = 1ms, .block_tokens = 512});
}

}  // namespace blis
