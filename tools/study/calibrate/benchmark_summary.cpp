// Source of the keys: github.com/vllm-project/vllm, vllm/benchmarks/serve.py.
#include "tools/study/calibrate/benchmark_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "tools/output/strict_json.h"
#include "tools/score/json_view.h"
#include "workloads/arrivals.h"
#include "workloads/line_reader.h"

namespace blis {
namespace {

using nlohmann::json;

// Of E2E the mean alone: how it is spread, lengths decide, which a summary does not tell.
constexpr std::array<std::string_view, 8> kFigures{"mean_ttft_ms", "median_ttft_ms",   "p99_ttft_ms",
                                                   "mean_tpot_ms", "median_tpot_ms",   "p99_tpot_ms",
                                                   "mean_e2el_ms", "output_throughput"};
constexpr double kMostTokens = 100e6;

// Of a request, from a total over all.
double mean_length(const JsonView& view, std::string_view key, std::int64_t requests) {
  const double mean = static_cast<double>(view.required_integer(key)) / static_cast<double>(requests);
  if (!(mean >= 1) || mean > kMostTokens) view.reject(key, "a total of at least one token a request");
  return mean;
}

// A finite rate, if there is one: "inf" is written for none.
std::optional<double> rate_of(const JsonView& view) {
  const json* const rate = view.find("request_rate");
  if (rate == nullptr || rate->is_string()) return std::nullopt;
  const double value = view.required_number("request_rate");
  if (!(value > 0)) view.reject("request_rate", "a rate above 0, or \"inf\"");
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

void plan(const JsonView& view, BenchmarkSummary& summary) {
  PlannedStage& stage = summary.traffic.stages.emplace_back();
  PlannedRequest request;
  summary.mean_input_tokens = mean_length(view, "total_input_tokens", summary.requests);
  summary.mean_output_tokens = mean_length(view, "total_output_tokens", summary.requests);
  request.prompt_tokens = static_cast<std::int32_t>(std::lround(summary.mean_input_tokens));
  request.output_tokens = static_cast<std::int32_t>(std::lround(summary.mean_output_tokens));
  stage.requests.assign(static_cast<std::size_t>(summary.requests), request);
  summary.max_concurrency = view.integer("max_concurrency");
  stage.max_in_flight = summary.max_concurrency.value_or(0);
  summary.notes.push_back(fmt::format("every request has the mean lengths, {} tokens in and {} out",
                                      request.prompt_tokens, request.output_tokens));
  summary.notes.emplace_back("no prompt repeats another");
  summary.request_rate = rate_of(view);
  if (!summary.request_rate) return;
  ArrivalSpec arrival{.process = ArrivalSpec::Process::gamma};
  arrival.request_rate = *summary.request_rate;
  arrival.burstiness = view.number("burstiness").value_or(1);
  if (!(arrival.burstiness > 0)) view.reject("burstiness", "a number above 0");
  Arrivals arrivals(arrival, 0, 0, std::nullopt, std::nullopt);
  for (PlannedRequest& r : stage.requests) r.at = to_duration(Seconds{arrivals.next()});
  summary.notes.push_back(fmt::format("arrivals are drawn at {:g} requests/s", *summary.request_rate));
}

}  // namespace

bool is_summary(const std::string& path) {
  LineReader lines(path);
  const std::string_view head = lines.head();
  return head.find("\"mean_ttft_ms\"") != head.npos && head.find("\"input_lens\"") == head.npos &&
         head.find("\"total_input_tokens\"") != head.npos;
}

BenchmarkSummary read_summary(const std::string& path) {
  LineReader lines(path);
  const json root = parse_strict_json<json>(std::string(lines.rest()), {path});
  const JsonView view(root, {path});
  BenchmarkSummary summary;
  summary.requests = view.required_integer("completed");
  constexpr std::int64_t kMostRequests = 10'000'000;
  if (summary.requests < 1 || summary.requests > kMostRequests)
    view.reject("completed", "a number of requests, at least 1");
  summary.failed = std::max<std::int64_t>(view.integer("failed").value_or(0), 0);
  if (summary.failed > 0) {
    summary.notes.push_back(fmt::format("the {} requests that failed are left out", summary.failed));
  }
  plan(view, summary);
  for (const std::string_view key : kFigures) {
    const std::optional<double> value = view.number(key);
    if (!value) continue;
    if (!(*value >= 0) || !std::isfinite(*value)) view.reject(key, "a figure, at least 0");
    if (*value > 0) summary.figures.push_back({std::string(key), *value});
  }
  return summary;
}

}  // namespace blis
