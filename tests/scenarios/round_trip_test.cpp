// The resolved copy beside a result must be a scenario, and the same one.
#include <gtest/gtest.h>

#include <filesystem>

#include "problems.h"
#include "scenarios/build.h"
#include "temp_folder.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

// A workload for every process, distribution and curve there is, and every optional part once.
constexpr const char* kSynthetic = R"(
version: 1
name: "every: part"
model: meta-llama/Llama-3.1-8B-Instruct
hardware: { gpu: H100, gpus_per_node: 4, price_usd_per_gpu_hour: 2.5 }
engine:
  vllm_version: "0.23"
  tensor_parallel_size: 2
  dtype: bfloat16
  kv_cache_dtype: fp8
  max_model_len: 8192
  max_num_seqs: 128
  enforce_eager: true
  scheduling_policy: priority
  speculative: { method: eagle, num_speculative_tokens: 3, acceptance: [0.8, 0.6, 0.4] }
  scheduler: { watermark: 0.01, free_order: legacy }
replicas: 2
latency: { model: blackbox, coefficients: { step_us: 900, decode_token_us: 12.5 }, host: { api_ms: 2.5 } }
workload:
  kind: synthetic
  duration_s: 60
  max_concurrency: 100
  over_length: clip
  arrival: { process: gamma, request_rate: 20, burstiness: 0.5, curve: { kind: diurnal, period_s: 3600, amplitude: 0.5, peak_s: 10 } }
  clients:
    - name: chat
      share: 0.75
      input_tokens: { distribution: lognormal, mean: 1000, stddev: 600, min: 2, max: 7000 }
      output_tokens: { distribution: zipf, exponent: 1.1, min: 2, max: 4000 }
      prefix: { groups: 10, tokens: { distribution: quantiles, points: [ { share: 0, value: 5 }, { share: 1, value: 500 } ] }, within_input: true }
      session: { turns: { distribution: uniform, min: 1, max: 6 }, think_time_s: { distribution: exponential, mean: 5 }, max_context_tokens: 8000 }
      priority: -1
      slo_class: gold
    - name: batch
      share: 0.25
      input_tokens: { distribution: normal, mean: 100, stddev: 10, min: 1 }
      output_tokens: { distribution: constant, value: 10 }
      prompts: { pool: 100, order: random }
      timeout_s: 30
      max_tokens: 50
    - name: stepwise
      arrival: { process: poisson, curve: { kind: piecewise, steps: true, repeat_s: 100, exact: true, points: [ { at_s: 0, request_rate: 1 }, { at_s: 50, request_rate: 2.5 } ] } }
      input_tokens: { distribution: constant, value: 10 }
      output_tokens: { distribution: constant, value: 10 }
    - name: bursty
      arrival: { process: weibull, shape: 0.7, request_rate: 3, curve: { kind: on_off, on_s: 5, off_s: 10, off_rate: 0.1, random: true } }
      input_tokens: { distribution: constant, value: 10 }
      output_tokens: { distribution: constant, value: 10 }
    - name: states
      arrival: { process: constant, curve: { kind: mmpp, states: [ { request_rate: 1, hold_s: 5 }, { request_rate: 9, hold_s: 1 } ] } }
      input_tokens: { distribution: constant, value: 10 }
      output_tokens: { distribution: constant, value: 10 }
    - name: staged
      arrival: { process: normalized_exponential, drain_gap_s: 2, stages: [ { request_rate: 4, duration_s: 10 } ] }
      input_tokens: { distribution: constant, value: 10 }
      output_tokens: { distribution: constant, value: 10 }
    - name: loop
      arrival: { process: closed_loop, users: 5, ramp_up_s: 1 }
      input_tokens: { distribution: constant, value: 10 }
      output_tokens: { distribution: constant, value: 10 }
warmup: { requests: 5 }
slo: { goodput: { ttft_ms: 500, e2el_ms: 5000, attainment: 0.9 }, p99_ttft_ms: 800, mean_itl_ms: 30.5 }
seed: 3
)";

constexpr const char* kTrace = R"(
version: 1
model: ./models/tiny
hardware: { gpu: H100 }
workload:
  kind: trace
  path: traces/t.csv
  format: azure
  time_scale: 2.5
  limit: 10
  start_s: 1
  end_s: 99.5
  dither_ms: 3000
  sort: true
  skip_bad_rows: true
  arrival: { process: at_once }
  closed_loop_sessions: false
  tokens_per_image: 100
  chars_per_token: 4.2
  priority: 1
  timeout_s: 10
  max_concurrency: 7
  over_length: skip
warmup: { duration_s: 1.5 }
)";

ScenarioSettings parse(const std::string& text, const std::string& folder = "") {
  return parse_settings(text, "s.yaml", folder);
}

TEST(RoundTrip, AWrittenScenarioReadsAsTheSameOne) {
  for (const char* const text : {kSynthetic, kTrace}) {
    const ScenarioSettings s = parse(text);
    const ScenarioSettings again = parse(to_yaml(s, ""));
    EXPECT_EQ(to_json(again), to_json(s));
    EXPECT_EQ(to_yaml(again, "").size() > 0, true);
  }
}

// Every key that the text has must come back: a key that is read but not written would be lost.
TEST(RoundTrip, LosesNoKeyThatWasGiven) {
  for (const char* const text : {kSynthetic, kTrace}) {
    const ScenarioSettings s = parse(text);
    const ScenarioSettings again = parse(to_yaml(s, ""));
    for (const auto& [key, origin] : s.origins) EXPECT_TRUE(again.origins.contains(key)) << key;
  }
}

TEST(RoundTrip, AResolvedScenarioResolvesToItself) {
  const Catalog catalog(BLIS_SOURCE_DIR);
  const ScenarioSettings resolved = resolve(parse(kSynthetic), catalog).scenario;
  const ScenarioSettings again = resolve(parse(to_yaml(resolved, "")), catalog).scenario;
  EXPECT_EQ(to_json(again), to_json(resolved));
}

TEST(RoundTrip, AResolvedScenarioLeavesNothingToDefaults) {
  const std::string json = to_json(resolve(parse(kSynthetic), Catalog(BLIS_SOURCE_DIR)).scenario);
  for (const char* const key :
       {"vllm_version", "max_model_len", "max_num_seqs", "max_num_batched_tokens", "gpu_memory_utilization",
        "async_scheduling", "reserve_full_isl", "watermark", "free_order"}) {
    EXPECT_EQ(json.find(std::string("\"") + key + "\": null"), std::string::npos) << key;
  }
}

TEST(RoundTrip, EachLineSaysWhereItsValueCameFrom) {
  std::vector<Override> overrides{parse_override("replicas=3")};
  const ScenarioSettings s = parse_settings(kTrace, "s.yaml", "", overrides);
  const std::string text = to_yaml(s, "");
  const auto line_of = [&](std::string_view key) {
    const std::size_t at = text.find(key);
    return text.substr(at, text.find('\n', at) - at);
  };
  EXPECT_NE(line_of("time_scale").find("# s.yaml:9:15"), std::string::npos) << line_of("time_scale");
  EXPECT_NE(line_of("replicas").find("# --set replicas=3"), std::string::npos) << line_of("replicas");
  EXPECT_NE(line_of("block_size").find("# default"), std::string::npos) << line_of("block_size");
}

// The copy beside a result lies in another folder; what it names must stay the same files.
TEST(RoundTrip, RelativePathsFollowTheFile) {
  const TempFolder folder;
  const std::string from = folder.path("in"), to = folder.path("out/deep");
  const ScenarioSettings s = parse(kTrace, from);
  const ScenarioSettings copy = parse(to_yaml(s, to), to);
  const auto path = [](const ScenarioSettings& x) { return std::get<TraceSpec>(x.workload.spec.kind).path; };
  EXPECT_EQ(path(copy), "../../in/traces/t.csv");
  EXPECT_EQ(fs::path(located(copy, path(copy))), fs::path(located(s, path(s))));
  EXPECT_EQ(fs::path(located(copy, copy.model)).lexically_normal(),
            fs::path(located(s, s.model)).lexically_normal());
  EXPECT_EQ(std::get<TraceSpec>(located_workload(copy).kind).path, from + "/traces/t.csv");
}

TEST(RoundTrip, NamesThatLookLikeOtherThingsStayNames) {
  for (const char* const name : {"null", "true", "0.5", "12", "a: b", "- x", "\"quoted\"", "tab\there",
                                 "# no remark", "~", "é", "it's"}) {
    ScenarioSettings s = parse(kTrace);
    s.name = name;
    EXPECT_EQ(parse(to_yaml(s, "")).name, name);
  }
}

}  // namespace
}  // namespace blis
