// From records to the figures people compare: vLLM's definitions, numpy's percentiles.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/run_result.h"
#include "sim/weighted.h"

namespace blis {

// Statistics of one metric over its samples, in milliseconds. `count` may be 0 (TPOT when no
// request has a second token): then every figure is NaN and is reported as null.
struct Stats {
  std::int64_t count = 0;
  double mean, median, std, min, max, p90, p95, p99;
};

// numpy.percentile(values, q, method="linear"). `values` is reordered. NaN when empty.
double percentile(std::span<double> values, double q);

Stats stats_ms(std::span<const double> values_ms);
// The same over the multiset that the weighted samples stand for, as if each were repeated
// `weight` times.
Stats stats_ms(std::span<const Weighted> samples);

// Per-request conditions of vLLM's --goodput; a request counts if it holds all that are set.
struct GoodputSlo {
  std::optional<double> ttft_ms, tpot_ms, e2el_ms;
  bool any() const { return ttft_ms || tpot_ms || e2el_ms; }
};

struct MetricsOptions {
  std::uint32_t warmup_requests = 0;  // the first N requests are left out of every statistic
  Duration warmup{0};                 // so are requests that arrive before this
  GoodputSlo goodput{};
};

// Requests counted by outcome, and the metrics of those that completed (completed or
// length_capped), after warm-up.
struct Metrics {
  std::array<std::int64_t, kOutcomes> outcomes{};
  std::int64_t measured = 0;            // requests after warm-up
  std::int64_t completed = 0;           // of them, those with a full answer: completed or length_capped
  std::int64_t failed = 0;              // the others
  double duration_s = 0;                // first measured arrival to last token
  std::int64_t total_input_tokens = 0;  // of completed requests
  std::int64_t total_output_tokens = 0;
  double request_throughput = 0, output_throughput = 0, total_token_throughput = 0;
  std::optional<double> request_goodput;     // req/s that meet the SLO; unset without one
  std::optional<double> attainment;          // their share of measured requests
  std::int64_t max_concurrent_requests = 0;  // in the system at one instant
  Stats ttft, tpot, itl, e2el, queue;

  // Engine side, over all replicas and steps.
  std::int64_t steps = 0, preemptions = 0, kv_blocks = 0;
  double prefix_hit_rate = 0;                      // hit tokens / prompt tokens of first admissions
  std::optional<double> external_prefix_hit_rate;  // of what was not there, in a store of KV blocks
  double kv_usage_mean = 0, kv_usage_peak = 0;     // share of blocks; mean weighted by step time
  double batch_mean = 0;                           // sequences a step, weighted by step time
  std::int64_t batch_peak = 0;
  ByPart<double> bound_by;  // share of step time by what binds
};

Metrics summarize(const RunResult& run, const MetricsOptions& options = {});
// The same of a run that may have forgotten steps: `steps` has read them all (StepReader::finish), and its
// options are those that count.
class StepSummary;
Metrics summarize(const RunResult& run, const StepSummary& steps);

// The same of one client's requests. Its latencies, counts and throughput only: what engines did, ITL and
// concurrency belong to all clients together, and stay unset.
Metrics summarize_client(const RunResult& run, const MetricsOptions& options, std::uint16_t client);

// The gaps between the tokens of one request, rebuilt from the step log, in order. Requires that the steps
// are kept.
std::vector<Duration> inter_token_gaps(const RunResult& run, const RequestRecord& request);

// What a client sees of a fully answered request.
inline Duration ttft(const RequestRecord& r) {
  return r.first_token - r.arrival;
}
inline Duration e2el(const RequestRecord& r) {
  return r.last_token - r.arrival;
}
// The time of each token after the first, of two tokens or more: in whole nanoseconds, and to the last bit
// in the unit of `decoding`, which is the time from the first token to the last.
inline Duration tpot(Duration decoding, std::int64_t output_tokens) {
  return decoding / (output_tokens - 1);
}
inline double tpot(double decoding, std::int64_t output_tokens) {
  return decoding / static_cast<double>(output_tokens - 1);
}
inline double tpot_ms(const RequestRecord& r) {
  return tpot(to_ms(r.last_token - r.first_token), r.output_tokens);
}

// Asked of each request, in their order: whether the warm-up is over. From the first past it on all are
// measured.
class PastWarmup {
 public:
  explicit PastWarmup(const MetricsOptions& options)
      : requests_left_(options.warmup_requests), until_(options.warmup) {}
  bool operator()(const RequestRecord& request);

 private:
  std::uint32_t requests_left_;
  Duration until_;
  bool late_ = false;  // one arrived after the time of the warm-up
};

// The first request past the warm-up.
RequestIndex first_measured(const RunResult& run, const MetricsOptions& options);
// Whether the request was answered in full: completed or length_capped.
bool has_full_answer(const RequestRecord& request);
// Whether a fully answered request holds every condition that is set.
bool meets(const GoodputSlo& slo, const RequestRecord& request);

}  // namespace blis
