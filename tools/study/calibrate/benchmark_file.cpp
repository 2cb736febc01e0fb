#include "tools/study/calibrate/benchmark_file.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "blis/error.hpp"
#include "workloads/trace_formats.h"

namespace blis {
namespace {

struct Format {
  std::string_view name;
  RawBenchmark (*read)(const std::string& path);
};
constexpr std::array kFormats{
    Format{"vllm", read_vllm_benchmark},
    Format{"sglang", read_vllm_benchmark},
    Format{"guidellm", read_guidellm_benchmark},
    Format{"aiperf", read_aiperf_benchmark},
    Format{"inference-perf", read_inference_perf_benchmark},
    Format{"blis", read_own_benchmark},
};

const Format& format_of(const std::string& path) {
  const TraceFormat& found = detect_format(LineReader(path));
  for (const Format& format : kFormats) {
    if (format.name == found.name) return format;
  }
  throw InputError(ErrorKind::io,
                   Problem{.place = {path},
                           .message = "these are no measurements",
                           .expected = "vllm bench serve --save-detailed, AIPerf JSONL, inference-perf "
                                       "per-request JSON, or requests.csv",
                           .got = std::string(found.name)});
}

}  // namespace

Benchmark read_benchmark(const std::string& path) {
  if (is_summary(path)) {
    BenchmarkSummary summary = read_summary(path);
    std::vector<std::string> notes = std::move(summary.notes);
    return {.path = path,
            .format = "vllm",
            .requests = {},
            .summary = std::move(summary),
            .notes = std::move(notes)};
  }
  const Format& format = format_of(path);
  RawBenchmark raw = format.read(path);
  std::vector<std::size_t> order(raw.requests.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return raw.sent_s[i]; });
  Benchmark benchmark{.path = path,
                      .format = format.name,
                      .requests = {},
                      .summary = {},
                      .notes = std::move(raw.notes),
                      .max_concurrency = raw.max_concurrency};
  bool any = false;
  for (const std::size_t i : order) {
    RecordedRequest& r = benchmark.requests.emplace_back(raw.requests[i]);
    r.sent = r.intended = to_duration(Seconds(raw.sent_s[i] - raw.sent_s[order.front()]));
    any = any || (!r.failed && r.ttft_ms && r.e2e_ms);
  }
  if (!any) {
    throw InputError(ErrorKind::io, Problem{.place = {path},
                                            .message = "no request has a measured latency",
                                            .expected = "at least one that was answered"});
  }
  return benchmark;
}

}  // namespace blis
