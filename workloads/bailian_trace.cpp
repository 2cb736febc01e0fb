// Alibaba Qwen-Bailian traces: seconds, a hash id for each 16 tokens (each block hashed by itself),
// chat_id, parent_chat_id, turn and type.
// Source: github.com/alibaba-edu/qwen-bailian-usagetraces-anon.

#include "workloads/hashed_trace.h"
#include "workloads/trace_readers.h"

namespace blis {

using namespace std::chrono_literals;

bool is_bailian(const TraceHead& head) {
  return has_keys(head, {"chat_id", "timestamp", "input_length", "output_length"});
}

std::unique_ptr<TraceReader> open_bailian(LineReader lines, const ReaderOptions&) {
  return open_hashed(std::move(lines), {.time_unit = 1s, .block_tokens = 16});
}

}  // namespace blis
