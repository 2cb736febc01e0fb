// A user's own benchmark, request by request, whichever of several tools wrote it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/score/recorded_requests.h"
#include "tools/study/calibrate/benchmark_summary.h"

namespace blis {

struct Benchmark {
  std::string path;
  std::string_view format;                  // name in trace_formats()
  std::vector<RecordedRequest> requests;    // by time of sending, from 0; at least one with latencies
  std::optional<BenchmarkSummary> summary;  // in place of requests, where only totals were saved
  std::vector<std::string> notes;           // what about its figures is easily misread
  std::optional<double> max_concurrency{};  // of the load generator; infinite: no limit. Unset: not told
};

// A result of `vllm bench serve`, by request with --save-detailed or as a summary (of older releases without
// start times, too), SGLang's `bench_serving --output-details`, guidellm's benchmarks.json, AIPerf's
// profile_export.jsonl, inference-perf's per_request_lifecycle_metrics.json or our requests.csv, told apart
// by content; .gz and .zst too. Requests that failed are replayed but not scored; warm-up requests of AIPerf
// are replayed but not scored. Throws InputError (io) for another format, a value that is missing or wrong,
// and a file without latencies.
Benchmark read_benchmark(const std::string& path);

// One for each format; in the file's order, times on the file's clock, in seconds.
struct RawBenchmark {
  std::vector<RecordedRequest> requests;
  std::vector<double> sent_s;
  std::vector<std::string> notes;
  std::optional<double> max_concurrency{};  // as in Benchmark

  RecordedRequest& add(double at_s) {
    sent_s.push_back(at_s);
    return requests.emplace_back();
  }
};
RawBenchmark read_vllm_benchmark(const std::string& path);
RawBenchmark read_aiperf_benchmark(const std::string& path);
RawBenchmark read_inference_perf_benchmark(const std::string& path);
RawBenchmark read_guidellm_benchmark(const std::string& path);
RawBenchmark read_own_benchmark(const std::string& path);

}  // namespace blis
