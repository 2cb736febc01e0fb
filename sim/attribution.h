// Where the time of a request went: its end-to-end latency, split exactly.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sim/metrics.h"
#include "sim/run_result.h"

namespace blis {

// The parts of a request's time from the client's send to its last token, in the order in which they
// are reported.
enum class Part : std::uint8_t {
  gateway,         // before an instance was chosen
  router_queue,    // waiting at the router until replicas had room
  remote_prefill,  // its prompt, on an instance of another pool, all told
  api,             // API server: HTTP, tokenizer, streaming
  step_wait,       // waiting for the running step: before the queue, and from scheduling to its first step
  batch_wait,      // in the scheduler's queue for room in the batch
  kv_wait,         // in the scheduler's queue while requests waited for KV blocks
  kv_transfer,     // KV blocks on their way from where they were computed
  prefill,         // steps that computed its prompt
  chunk_wait,      // from its first step to its last token, steps that had no room for it
  decode,          // steps that computed its tokens, as long as they would have taken without prefills
  stretch,         // what the prefills of others in those steps added
  preemption,      // preempted, waiting again, and computed again up to where it had been
};
constexpr int kParts = 13;
constexpr std::array kAllParts{Part::gateway,   Part::router_queue, Part::remote_prefill, Part::api,
                               Part::step_wait, Part::batch_wait,   Part::kv_wait,        Part::kv_transfer,
                               Part::prefill,   Part::chunk_wait,   Part::decode,         Part::stretch,
                               Part::preemption};
static_assert(kAllParts.size() == kParts);
std::string_view to_string(Part part);
// Those that most deployments do not have. Reports show them where they are not zero.
constexpr bool is_rare(Part part) {
  return part == Part::gateway || part == Part::router_queue || part == Part::remote_prefill ||
         part == Part::kv_transfer;
}

// The parts that requests of this run can have, in the order in which they are reported.
std::vector<Part> parts_of(const RunResult& run);

struct Attribution {
  std::array<Duration, kParts> parts{};
  Duration& operator[](Part part) { return parts[static_cast<std::size_t>(part)]; }
  Duration operator[](Part part) const { return parts[static_cast<std::size_t>(part)]; }
};

// Splits the latencies of a run's requests, from their records alone.
class Attributor {
 public:
  // `run` outlives it.
  explicit Attributor(const RunResult& run);

  // The parts sum to last_token - arrival, to the nanosecond, and none is negative. Requires a
  // request of the run that has its full answer (has_full_answer()). batch_wait and kv_wait are the
  // queue time, vLLM's: from entry into the scheduler's queue to first scheduling.
  //
  // Between two tokens whose steps follow each other, each step in between counts: as stretch by
  // what it took longer for its prefill chunks (at most the step), as decode for the rest. A gap
  // between tokens in which the request was passed over is preemption if it ever was preempted,
  // otherwise chunk_wait. With data-parallel ranks, kv_wait looks at all ranks of an engine.
  Attribution of(const RequestRecord& request) const;

 private:
  Duration shortage_until(EngineIndex engine, Time t) const;
  Duration shortage(EngineIndex engine, Time from, Time to) const {
    return shortage_until(engine, to) - shortage_until(engine, from);
  }

  const RunResult& run_;
  std::vector<RequestIndex> leg_of_;  // by request: its first leg, or kNoLeg; empty if nobody has one
  std::vector<Duration> waits_;       // by request: at the router; empty if nobody waited
  std::vector<std::vector<Duration>> shortage_;  // by engine and span of short_of_blocks: sum before
};

// Mean parts of the requests that count (see Metrics), and of the slowest of them.
struct AttributionSummary {
  struct Mean {
    std::int64_t requests = 0;
    std::array<double, kParts> ms{};  // by Part; they sum to the mean E2E latency
  };
  Mean all;
  Mean tail;  // those whose E2E latency is at least `tail_from_ms`
  double tail_from_ms = 0;
};
AttributionSummary summarize_attribution(const RunResult& run, const MetricsOptions& options,
                                         double tail_from_ms);

}  // namespace blis
