#include "tools/study/diff/measured_result.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "tools/simulate/flat_figures.h"
#include "tools/study/calibrate/benchmark_file.h"

namespace blis {
namespace {

// What a client sees. Gaps between tokens are left out: clients see chunks, which may hold several.
bool is_seen(std::string_view key) {
  constexpr std::array<std::string_view, 8> kCounts{"completed",
                                                    "failed",
                                                    "duration",
                                                    "total_input_tokens",
                                                    "total_output_tokens",
                                                    "output_throughput",
                                                    "request_throughput",
                                                    "total_token_throughput"};
  return std::ranges::find(kCounts, key) != kCounts.end() || key.ends_with("_ttft_ms") ||
         key.ends_with("_tpot_ms") || key.ends_with("_e2el_ms");
}

RequestRecord record_of(const RecordedRequest& measured) {
  const bool answered = !measured.failed && measured.ttft_ms && measured.e2e_ms;
  RequestRecord r;
  r.arrival = Time{measured.sent};
  r.input_tokens = measured.input_tokens;
  r.output_tokens = measured.output_tokens;
  r.outcome = answered ? Outcome::completed : Outcome::aborted;
  if (!answered) return r;
  const auto after = [&](double ms) { return r.arrival + to_duration(Seconds{ms / 1000}); };
  r.first_token = after(*measured.ttft_ms);
  r.last_token = std::max(r.first_token, after(*measured.e2e_ms));
  return r;
}

void add(StoredResult& result, const std::string& key, double value) {
  result.order.push_back(key);
  result.figures[key] = value;
}

// How much was in flight follows from how long answers took and how many came (Little).
TrafficFacts facts_of(const BenchmarkSummary& summary) {
  TrafficFacts facts{.requests = static_cast<double>(summary.requests + summary.failed),
                     .prompt_tokens = summary.mean_input_tokens,
                     .output_tokens = summary.mean_output_tokens,
                     .request_rate = summary.request_rate.value_or(kNotKnown),
                     .rate_was_asked = true};
  facts.max_concurrency = summary.max_concurrency ? static_cast<double>(*summary.max_concurrency)
                                                  : std::numeric_limits<double>::infinity();
  const auto figure = [&](std::string_view key) {
    const auto found = std::ranges::find(summary.figures, key, &SummaryFigure::key);
    return found == summary.figures.end() ? kNotKnown : found->measured;
  };
  facts.concurrency =
      figure("output_throughput") / facts.output_tokens * Seconds{figure("mean_e2el_ms") / 1000}.count();
  return facts;
}

}  // namespace

StoredResult read_measured(const std::string& path) {
  const Benchmark benchmark = read_benchmark(path);
  StoredResult result{.folder = path, .measured = true, .notes = benchmark.notes};
  if (benchmark.summary) {
    result.notes = {"only totals were saved: no request is paired"};
    for (const SummaryFigure& figure : benchmark.summary->figures) add(result, figure.key, figure.measured);
    result.traffic = facts_of(*benchmark.summary);
    return result;
  }
  RunResult run;
  for (const RecordedRequest& measured : benchmark.requests) run.requests.push_back(record_of(measured));
  for (const Figure& figure : flat_figures(summarize_client(run, {}, 0))) {
    if (!is_seen(figure.key)) continue;
    add(result, figure.key, std::visit([](auto value) { return static_cast<double>(value); }, figure.value));
  }
  result.requests.assign(run.requests.begin(), run.requests.end());
  TrafficCounter traffic;
  for (const RequestRecord& request : result.requests) traffic.add(request);
  result.traffic = traffic.facts();
  result.traffic.max_concurrency = benchmark.max_concurrency.value_or(kNotKnown);
  return result;
}

}  // namespace blis
