// What `vllm bench serve --dataset-name timed_trace` replays with its defaults: seconds, a hash id
// for each 16 tokens.
// Source: github.com/vllm-project/vllm, vllm/benchmarks/datasets, TimedTrace.

#include "workloads/hashed_trace.h"
#include "workloads/trace_readers.h"

namespace blis {

using namespace std::chrono_literals;

bool is_timed(const TraceHead& head) {
  constexpr std::int32_t kDefaultChunk = 16;  // --timed-trace-chunk-hash-size
  return has_keys(head, {"timestamp", "input_length", "output_length", "hash_ids"}) &&
         hash_block_tokens(head) == kDefaultChunk;
}

std::unique_ptr<TraceReader> open_timed(LineReader lines, const ReaderOptions&) {
  return open_hashed(std::move(lines), {.time_unit = 1s, .block_tokens = 16});
}

}  // namespace blis
