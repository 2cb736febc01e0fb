// What a trace is like: rate and burstiness, lengths, sessions, prefix reuse. For `blis trace inspect`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/length_counts.h"
#include "workloads/workload_spec.h"

namespace blis {

struct ArrivalSummary {
  std::int64_t timed = 0;      // requests with an arrival time
  double span_s = 0;           // from the first arrival to the last
  double request_rate = 0;     // requests per second over the span
  double gap_cv = 0;           // coefficient of variation of the gaps: 1 for Poisson, more is burstier
  double equal_gap_share = 0;  // of the gaps, those of length 0
  double longest_gap_s = 0;
  std::int64_t peak_per_second = 0;           // most arrivals in one second of the trace's clock
  double window_s = 0;                        // width of the windows of `window_counts`
  std::vector<std::int64_t> window_counts{};  // arrivals by window; at most 256, the last perhaps cut short
};

struct SessionSummary {
  std::int64_t sessions = 0;
  std::int64_t requests = 0;  // in them
  std::int64_t longest = 0;   // requests of one session
};

struct FiniteCache {
  std::int64_t tokens = 0;
  double hit_share = 0;  // of blocks
};

struct PrefixSummary {
  std::int32_t block_tokens = 0;
  double infinite_cache = 0;  // share of blocks seen before, of all blocks; partial last ones count
  std::vector<FiniteCache> finite{};
  std::int64_t distinct_blocks = 0;
};

// Counts of lengths from 2^i to below 2^(i+1).
using LogHistogram = std::array<std::int64_t, 28>;

struct TraceStats {
  std::string format{};
  std::int64_t requests = 0;
  LengthSummary input_tokens{}, output_tokens{};
  double length_correlation = 0;  // Pearson, of input with output; 0 if one of them does not vary
  LogHistogram input_histogram{}, output_histogram{};
  ArrivalSummary arrival{};
  std::optional<SessionSummary> sessions{};     // if rows name their session
  std::optional<PrefixSummary> prefix_reuse{};  // if rows say what their prompts share
  std::vector<std::string> warnings{};
};

struct InspectOptions {
  std::vector<std::int64_t> cache_tokens{100'000, 1'000'000, 10'000'000};  // finite caches to try
};

// Streams the trace: memory grows with distinct lengths, sessions and hash ids only. The options of
// `spec` apply (slice, limit, time scale, bad rows, sorting). Throws InputError.
TraceStats inspect_trace(const TraceSpec& spec, const InspectOptions& options = {});

}  // namespace blis
