#include "tools/report/vllm_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "sim/metrics.h"
#include "tools/simulate/report.h"

namespace blis {
namespace {

void rule(std::string& text, std::string_view title, char fill) {
  const std::string centred =
      fill == '=' ? fmt::format("{:=^{}}", title, kBlockWidth) : fmt::format("{:-^{}}", title, kBlockWidth);
  text += centred + "\n";
}
void line(std::string& text, std::string_view label, std::int64_t value) {
  text += fmt::format("{:<40} {:<10}\n", label, value);
}
void line(std::string& text, std::string_view label, double value) {
  text += fmt::format("{:<40} {:<10.2f}\n", label, value);
}

// Those that figures are made of.
template <class Visit>
void for_each_answered(const RunReport& report, Visit visit) {
  PastWarmup past(report.options());
  for (const RequestRecord& request : report.run.requests) {
    if (past(request) && has_full_answer(request)) visit(request);
  }
}

// Linear between ranks, as numpy's. `samples` are sorted by value; nanoseconds in, milliseconds out.
double percentile_ms(const std::vector<Weighted>& samples, double q) {
  std::int64_t count = 0;
  for (const Weighted& sample : samples) count += sample.weight;
  if (count == 0) return 0;  // as vLLM prints it
  const auto at = [&](std::int64_t rank) {
    std::int64_t before = 0;
    for (const Weighted& sample : samples) {
      before += sample.weight;
      if (rank < before) return static_cast<double>(sample.value);
    }
    return static_cast<double>(samples.back().value);
  };
  const double rank = q / 100 * static_cast<double>(count - 1);
  const double low = at(static_cast<std::int64_t>(std::floor(rank)));
  const double high = at(static_cast<std::int64_t>(std::ceil(rank)));
  return (low + (high - low) * (rank - std::floor(rank))) / 1e6;
}

struct Metric {
  std::string_view key, name, title;
  const Stats Metrics::*stats;
  // Samples of it; gaps between tokens are the run's.
  std::vector<Weighted> (*samples)(const RunReport& report);
};

template <class Value>
std::vector<Weighted> of_requests(const RunReport& report, Value value) {
  std::vector<Weighted> samples;
  for_each_answered(report, [&](const RequestRecord& request) {
    if (const auto one = value(request)) samples.push_back({*one, 1});
  });
  return samples;
}
std::optional<std::int64_t> tpot_ns(const RequestRecord& request) {
  if (request.output_tokens < 2) return std::nullopt;
  return tpot(request.last_token - request.first_token, request.output_tokens).count();
}

constexpr std::array kMetrics{
    Metric{"ttft", "TTFT", "Time to First Token", &Metrics::ttft,
           [](const RunReport& report) {
             return of_requests(
                 report, [](const RequestRecord& r) { return std::optional(std::int64_t{ttft(r).count()}); });
           }},
    Metric{"tpot", "TPOT", "Time per Output Token (excl. 1st token)", &Metrics::tpot,
           [](const RunReport& report) { return of_requests(report, tpot_ns); }},
    Metric{"itl", "ITL", "Inter-token Latency", &Metrics::itl,
           [](const RunReport& report) {
             const auto& gaps = report.steps.token_gaps();
             return std::vector<Weighted>(gaps.begin(), gaps.end());
           }},
    Metric{"e2el", "E2EL", "End-to-end Latency", &Metrics::e2el,
           [](const RunReport& report) {
             return of_requests(
                 report, [](const RequestRecord& r) { return std::optional(std::int64_t{e2el(r).count()}); });
           }},
};

void statistics(std::string& text, const RunReport& report, const Metric& metric,
                const std::vector<double>& percentiles) {
  const Stats& stats = report.metrics.*metric.stats;
  rule(text, metric.title, '-');
  line(text, fmt::format("Mean {} (ms):", metric.name), stats.count > 0 ? stats.mean : 0);
  line(text, fmt::format("Median {} (ms):", metric.name), stats.count > 0 ? stats.median : 0);
  std::vector<Weighted> samples = metric.samples(report);
  std::ranges::sort(samples, {}, &Weighted::value);
  for (const double q : percentiles) {
    line(text, fmt::format("P{:g} {} (ms):", q, metric.name), percentile_ms(samples, q));
  }
}

// The busiest of the seconds after the first request: by tokens, and by requests that were there in it.
struct Peaks {
  double tokens = 0, requests = 0;
};
Peaks busiest_seconds(const RunReport& report) {
  Time begin = kUnset;
  Time end{};
  for_each_answered(report, [&](const RequestRecord& request) {
    if (begin == kUnset || request.arrival < begin) begin = request.arrival;
    end = std::max(end, request.last_token);
  });
  if (begin == kUnset) return {};
  const auto second = [&](Time time) {
    return static_cast<std::size_t>((time - begin).count() / 1'000'000'000);
  };
  std::vector<double> tokens(second(end) + 1), requests(tokens.size());
  for_each_answered(report, [&](const RequestRecord& request) {
    Time time = request.first_token;
    ++tokens[second(time)];
    for (const Duration gap : inter_token_gaps(report.run, request)) ++tokens[second(time += gap)];
    for (std::size_t s = second(request.arrival); s <= second(request.last_token); ++s) ++requests[s];
  });
  return {std::ranges::max(tokens), std::ranges::max(requests)};
}

const std::optional<ArrivalSpec>& arrival_of(const ScenarioSettings& scenario) {
  return std::visit([](const auto& spec) -> const std::optional<ArrivalSpec>& { return spec.arrival; },
                    scenario.workload.spec.kind);
}
std::optional<std::int64_t> max_concurrency(const ScenarioSettings& scenario) {
  return std::visit([](const auto& spec) { return spec.max_concurrency; }, scenario.workload.spec.kind);
}

}  // namespace

std::string to_vllm_block(const Report& report, const VllmBlockOptions& options) {
  const RunReport& run = report.run();
  const Metrics& m = run.metrics;
  std::string text;
  rule(text, " Serving Benchmark Result ", '=');
  line(text, "Successful requests:", m.completed);
  line(text, "Failed requests:", m.failed);
  if (const auto limit = max_concurrency(run.scenario)) line(text, "Maximum request concurrency:", *limit);
  if (const auto& arrival = arrival_of(run.scenario); arrival && arrival->request_rate > 0)
    line(text, "Request rate configured (RPS):", arrival->request_rate);
  line(text, "Benchmark duration (s):", m.duration_s);
  line(text, "Total input tokens:", m.total_input_tokens);
  line(text, "Total generated tokens:", m.total_output_tokens);
  line(text, "Request throughput (req/s):", m.request_throughput);
  if (m.request_goodput) line(text, "Request goodput (req/s):", *m.request_goodput);
  line(text, "Output token throughput (tok/s):", m.output_throughput);
  const Peaks peaks = busiest_seconds(run);
  line(text, "Peak output token throughput (tok/s):", peaks.tokens);
  line(text, "Peak concurrent requests:", peaks.requests);
  line(text, "Total token throughput (tok/s):", m.total_token_throughput);
  for (const Metric& metric : kMetrics) {
    if (std::ranges::find(options.metrics, metric.key) != options.metrics.end())
      statistics(text, run, metric, options.percentiles);
  }
  rule(text, "", '=');
  return text;
}

}  // namespace blis
