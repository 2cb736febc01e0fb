// Sources: github.com/vllm-project/vllm, vllm/benchmarks/serve.py; github.com/ai-dynamo/aiperf;
// github.com/kubernetes-sigs/inference-perf; github.com/sgl-project/sglang; github.com/vllm-project/guidellm.
#include <fmt/format.h>

#include <limits>
#include <span>

#include "tools/output/strict_json.h"
#include "tools/score/json_view.h"
#include "tools/study/calibrate/benchmark_file.h"
#include "tools/study/calibrate/sending_times.h"
#include "workloads/condensed_json.h"
#include "workloads/line_reader.h"

namespace blis {
namespace {

using nlohmann::json;
constexpr double kMillis = 1000;  // in a second

json parse(std::string_view text, const Place& place) {
  return parse_strict_json<json>(std::string(text), place);
}

// The document in `path` without what `rules` leave out.
json parse_condensed(const std::string& path, std::span<const KeepRule> rules) {
  LineReader lines(path);
  const CondensedJson condensed(lines, rules);
  try {
    return parse_strict_json<json>(std::string(condensed.text()), {path});
  } catch (const InputError& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems)
      problem.place = condensed.place(problem.place.line, problem.place.column);
    throw InputError(error.kind(), std::move(problems));
  }
}

std::int32_t tokens(const JsonView& view, std::string_view key, std::int64_t least) {
  const std::int64_t count = view.required_integer(key);
  if (count < least || count > std::numeric_limits<std::int32_t>::max()) {
    view.reject(key, fmt::format("a number of tokens, at least {}", least));
  }
  return static_cast<std::int32_t>(count);
}

// In milliseconds. Throws unless 0 < ttft <= e2e.
void set_latencies(RecordedRequest& r, const JsonView& view, std::string_view key, double ttft, double e2e) {
  if (!(ttft > 0) || !(e2e >= ttft * (1 - 1e-9))) {
    view.reject(key, "a first token after the request and no later than the last");
  }
  r.ttft_ms = ttft;
  r.e2e_ms = std::max(ttft, e2e);
}

const json& column(const JsonView& view, std::string_view key, std::size_t size) {
  const json* list = view.find(key);
  if (!list || !list->is_array() || list->size() != size) {
    view.reject(key, fmt::format("a list of {} values, as --save-result --save-detailed writes it", size));
  }
  return *list;
}

double real(const JsonView& view, std::string_view key, const json& value) {
  if (!value.is_number()) view.reject(key, "numbers");
  return value.get<double>();
}

// Value of an AIPerf metric, in milliseconds.
std::optional<double> millis(const JsonView& metrics, std::string_view key) {
  if (!metrics.has(key)) return std::nullopt;
  const JsonView metric = metrics.object(key);
  const std::string unit = metric.required_text("unit");
  const double value = metric.required_number("value");
  if (unit == "ms") return value;
  if (unit == "s" || unit == "sec") return value * kMillis;
  if (unit == "us") return value / 1e3;
  if (unit == "ns") return value / 1e6;
  metric.reject("unit", "ms, s, us or ns");
}

// How a benchmark's file says that its requests were sent; a rate may be the text "inf".
SendingPlan sending_plan(const JsonView& view) {
  SendingPlan plan;
  const json* const rate = view.find("request_rate");
  if (rate && rate->is_number()) plan.request_rate = view.required_number("request_rate");
  if (plan.request_rate && !(*plan.request_rate >= 1e-6 && *plan.request_rate <= 1e9))
    view.reject("request_rate", "a number from 1e-06 to 1e+09");
  const json* const burstiness = view.find("burstiness");
  if (burstiness && burstiness->is_number()) plan.burstiness = view.required_number("burstiness");
  if (!(plan.burstiness >= 1e-6 && plan.burstiness <= 1e6))
    view.reject("burstiness", "a number from 1e-06 to 1e+06");
  if (view.has("max_concurrency")) {
    plan.max_concurrency = view.required_integer("max_concurrency");
    if (*plan.max_concurrency < 1) view.reject("max_concurrency", "a number, at least 1");
  }
  return plan;
}

// The first of the keys that is there.
std::string_view first_key(const JsonView& view, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (view.has(key)) return key;
  }
  return *keys.begin();
}

}  // namespace

RawBenchmark read_vllm_benchmark(const std::string& path) {
  constexpr KeepRule kOfGaps[] = {
      {"itls", Keep::sums}, {"generated_texts", Keep::nothing}, {"errors", Keep::nothing}};
  const json root = parse_condensed(path, kOfGaps);
  const JsonView view(root, {path});
  const json* lens = view.find("input_lens");
  if (!lens || !lens->is_array())
    view.reject("input_lens", "a list, as --save-result --save-detailed writes it");
  const std::size_t size = lens->size();
  const json &outputs = column(view, "output_lens", size), &ttfts = column(view, "ttfts", size),
             &itls = column(view, "itls", size);
  const bool timed = view.find("start_times") != nullptr;
  const json starts = timed ? column(view, "start_times", size) : json();
  RawBenchmark raw;
  if (const auto limit = root.find("max_concurrency"); limit != root.end()) {
    raw.max_concurrency = limit->is_number() ? limit->get<double>() : std::numeric_limits<double>::infinity();
  }
  std::size_t packed = 0;
  std::vector<double> latency_s(size, 0);
  for (std::size_t i = 0; i < size; ++i) {
    const JsonView row(root, {path}, fmt::format("[{}].", i));
    RecordedRequest& r = raw.add(timed ? real(row, "start_times", starts[i]) : 0);
    const json counts{{"input_lens", (*lens)[i]}, {"output_lens", outputs[i]}};
    const JsonView count(counts, {path}, fmt::format("[{}].", i));
    r.input_tokens = tokens(count, "input_lens", 1);
    r.output_tokens = tokens(count, "output_lens", 0);
    r.failed = r.output_tokens == 0;
    if (r.failed) {
      r.output_tokens = 1;
      continue;
    }
    if (!itls[i].is_array()) view.reject("itls", "a list of numbers for each request");
    const double ttft = real(row, "ttfts", ttfts[i]), gaps_s = itls[i][0].get<double>();
    const double e2e = ttft + gaps_s;
    set_latencies(r, row, "ttfts", ttft * kMillis, e2e * kMillis);
    latency_s[i] = e2e;
    if (itls[i][1].get<std::int64_t>() + 1 < r.output_tokens) ++packed;
  }
  if (!timed) {
    const SendingPlan plan = sending_plan(view);
    raw.sent_s = sending_times(plan, latency_s);
    raw.notes.push_back(
        plan.request_rate
            ? fmt::format("the file has no start times: arrivals are drawn again at {:g} "
                          "requests/s, so that single requests meet other neighbours",
                          *plan.request_rate)
            : "the file has no start times: they follow from its order, its concurrency and its "
              "latencies");
  }
  if (packed > 0) {
    raw.notes.push_back(fmt::format(
        "{} of {} requests have fewer gaps than tokens (several tokens in a chunk): the file's ITL is "
        "longer than a token takes; TPOT is what is compared",
        packed, size));
  }
  return raw;
}

RawBenchmark read_aiperf_benchmark(const std::string& path) {
  RawBenchmark raw;
  LineReader lines(path);
  bool itl = false;
  for (std::string_view line; lines.next(line);) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    const json row = parse(line, lines.place());
    const JsonView view(row, lines.place());
    const JsonView metadata = view.object("metadata"), metrics = view.object("metrics");
    // A request that failed may have no lengths; then nobody knows what it cost the server.
    if (view.has("error") && !metrics.has("input_sequence_length")) continue;
    const std::string_view start = first_key(metadata, {"request_start_ns", "timestamp_ns"});
    const std::string_view phase = first_key(metadata, {"benchmark_phase", "credit_phase"});
    RecordedRequest& r = raw.add(metadata.required_number(start) / 1e9);
    r.failed = view.has("error") || metadata.text(phase).value_or("") == "warmup";
    r.input_tokens = tokens(metrics.object("input_sequence_length"), "value", 1);
    r.output_tokens = r.failed && !metrics.has("output_sequence_length")
                          ? 1
                          : tokens(metrics.object("output_sequence_length"), "value", 1);
    itl = itl || metrics.has("inter_token_latency");
    const std::string_view first = first_key(metrics, {"time_to_first_token", "ttft"});
    const auto ttft = millis(metrics, first), e2e = millis(metrics, "request_latency");
    if (!r.failed && ttft && e2e) set_latencies(r, metrics, first, *ttft, *e2e);
  }
  if (itl)
    raw.notes.push_back("AIPerf's inter_token_latency is one mean a request: compare it with TPOT, not ITL");
  return raw;
}

RawBenchmark read_inference_perf_benchmark(const std::string& path) {
  constexpr KeepRule kEnds[] = {{"output_token_times", Keep::ends}};
  const json wrapped{{"requests", parse_condensed(path, kEnds)}};
  RawBenchmark raw;
  for (const JsonView& row : JsonView(wrapped, {path}).list("requests")) {
    const JsonView info = row.object("info"), response = info.object("response_metrics"),
                   text = info.object("request_metrics").object("text");
    const auto first_of = [](const JsonView& a, const JsonView& b, std::string_view key) -> const JsonView& {
      return a.has(key) ? a : b;
    };
    const double start = row.required_number("start_time");
    if (row.has("error") && !first_of(text, info, "input_tokens").has("input_tokens")) continue;
    RecordedRequest& r = raw.add(start);
    r.input_tokens = tokens(first_of(text, info, "input_tokens"), "input_tokens", 1);
    const JsonView& out = first_of(response, info, "output_tokens");
    r.output_tokens = out.has("output_tokens") ? tokens(out, "output_tokens", 0) : 0;
    r.failed = row.has("error") || r.output_tokens == 0;
    if (r.output_tokens == 0) r.output_tokens = 1;
    const JsonView& timed = first_of(response, info, "output_token_times");
    const json* times = timed.find("output_token_times");
    if (r.failed || !times || !times->is_array() || times->empty()) continue;
    set_latencies(r, timed, "output_token_times",
                  (real(timed, "output_token_times", times->front()) - start) * kMillis,
                  (real(timed, "output_token_times", times->back()) - start) * kMillis);
  }
  return raw;
}

RawBenchmark read_guidellm_benchmark(const std::string& path) {
  constexpr KeepRule kTexts[] = {
      {"request_args", Keep::nothing}, {"prompt", Keep::nothing}, {"output", Keep::nothing}};
  const json root = parse_condensed(path, kTexts);
  RawBenchmark raw;
  for (const JsonView& benchmark : JsonView(root, {path}).list("benchmarks")) {
    for (const JsonView& row : benchmark.object("requests").list("successful")) {
      RecordedRequest& r = raw.add(row.required_number(first_key(row, {"request_start_time", "start_time"})));
      r.input_tokens = tokens(row, "prompt_tokens", 1);
      r.output_tokens = tokens(row, "output_tokens", 1);
      if (!row.has("time_to_first_token_ms") || !row.has("request_latency")) continue;
      set_latencies(r, row, "time_to_first_token_ms", row.required_number("time_to_first_token_ms"),
                    row.required_number("request_latency") * kMillis);
    }
  }
  return raw;
}

}  // namespace blis
