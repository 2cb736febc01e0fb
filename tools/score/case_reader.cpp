#include "tools/score/case_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>

#include "tools/output/strict_json.h"
#include "tools/score/json_view.h"
#include "workloads/line_reader.h"

namespace blis {
namespace {

// vLLM's arguments that a scenario has under the same name.
constexpr std::array<std::string_view, 15> kEngineArgs{"max_num_batched_tokens",
                                                       "max_num_seqs",
                                                       "max_model_len",
                                                       "gpu_memory_utilization",
                                                       "enable_prefix_caching",
                                                       "dtype",
                                                       "enable_chunked_prefill",
                                                       "kv_cache_dtype",
                                                       "enable_expert_parallel",
                                                       "block_size",
                                                       "enforce_eager",
                                                       "async_scheduling",
                                                       "quantization",
                                                       "scheduling_policy",
                                                       "long_prefill_token_threshold"};

nlohmann::json parse(const std::string& text, const Place& place) {
  nlohmann::json node = parse_strict_json<nlohmann::json>(text, place);
  if (node.is_object()) return node;
  throw InputError(ErrorKind::io,
                   Problem{.place = place, .message = "this is no JSON object", .got = text.substr(0, 60)});
}

// What a load generator was told, as far as cases leave it out.
struct Generator {
  std::int64_t groups = 1;
};

std::map<std::string, Generator> read_generators(const std::string& path) {
  LineReader lines(path);
  const nlohmann::json root = parse(std::string(lines.rest()), {path});
  const JsonView view(root, {path});
  std::map<std::string, Generator> generators;
  for (const std::string& name : view.keys()) {
    const JsonView prompts = view.object(name).object("prompts_effective");
    generators[name].groups = prompts.integer("num_groups").value_or(1);
  }
  return generators;
}

// Latencies: an object of statistics. Figures of a kind that nobody compares are left.
void read_figures(const JsonView& stage, MetricValues& out) {
  const JsonView ttft = stage.object("ttft_ms"), e2e = stage.object("e2e_ms"), tpot = stage.object("tpot_ms");
  const auto set = [&out](Metric metric, std::optional<double> value) {
    if (value) out[metric] = *value;
  };
  set(Metric::ttft_mean, ttft.number("mean"));
  set(Metric::ttft_p50, ttft.number("p50"));
  set(Metric::ttft_p90, ttft.number("p90"));
  set(Metric::ttft_p99, ttft.number("p99"));
  set(Metric::e2e_mean, e2e.number("mean"));
  set(Metric::e2e_p90, e2e.number("p90"));
  set(Metric::e2e_p99, e2e.number("p99"));
  set(Metric::tpot_mean, tpot.number("mean"));
  set(Metric::output_throughput, stage.object("throughput").number("output_tokens_per_sec"));
}

void read_engine(const JsonView& engine, MeasuredCase& c) {
  c.engine = engine.required_text("name");
  c.version = engine.text("version");
  const JsonView args = engine.object("args");
  for (const std::string& key : args.keys()) {
    const nlohmann::json& value = *args.find(key);
    if (key == "kv_cpu_offload") {
      c.cpu_offload = args.object(key).boolean("enabled").value_or(false);
      if (c.cpu_offload) c.notes.push_back("KV offload to the CPU is not simulated");
    } else if (key == "max_num_seqs" && value == "=concurrency") {
      c.seqs_are_concurrency = true;
    } else if (key.ends_with("_note")) {
      continue;
    } else if (std::ranges::find(kEngineArgs, key) == kEngineArgs.end()) {
      c.notes.push_back(fmt::format("engine argument {} is not simulated", key));
    } else if (value.is_string() && key.starts_with("max_")) {
      c.notes.push_back(fmt::format("{} is described, not given; the default is taken", key));
    } else {
      c.engine_args.emplace_back("engine." + key,
                                 value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
}

void read_workload(const JsonView& workload, const std::map<std::string, Generator>& generators,
                   MeasuredCase& c) {
  c.workload = workload.text("name").value_or("");
  c.generator = workload.text("generator_ref").value_or("");
  c.in_process = workload.object("client").text("api") == "in-process";
  for (const JsonView& stage : workload.list("stages")) {
    c.stages.push_back({.index = static_cast<int>(stage.required_integer("stage_index")),
                        .strategy = stage.text("strategy").value_or(""),
                        .rate_rps = stage.number("rate_rps"),
                        .duration_s = stage.number("duration_s"),
                        .num_requests = stage.integer("num_requests")});
  }
  const JsonView prompts = workload.object("prompts");
  c.nominal_prompt_tokens = workload.has("isl") ? workload.integer("isl") : prompts.integer("nominal_len");
  c.mean_prompt_tokens = prompts.object("prompt_len_measured").number("mean");
  c.common_prefix_tokens = prompts.integer("prefix_tokens");
  c.pool.distinct = prompts.object("effective").integer("distinct_prompts").value_or(0);
  c.pool.system_tokens = prompts.integer("system_prompt_len").value_or(0);
  if (const auto it = generators.find(c.generator); it != generators.end()) c.pool.groups = it->second.groups;
  c.output_tokens = workload.has("osl") ? workload.integer("osl") : workload.object("output").integer("len");
}

void read_measured(const JsonView& measured, MeasuredCase& c) {
  const auto add = [&c](const JsonView& stage) {
    MeasuredStage& out = c.measured.emplace_back();
    out.index = static_cast<int>(stage.required_integer("stage_index"));
    read_figures(stage, out.figures);
  };
  if (measured.has("summary")) add(measured.object("summary"));
  for (const JsonView& stage : measured.list("stages")) add(stage);
  c.curve = measured.has("points");
  for (const JsonView& point : measured.list("points")) {
    if (!point.has("concurrency")) {
      c.notes.push_back("points without a concurrency are left out");
      continue;
    }
    c.points.push_back({.concurrency = point.required_integer("concurrency"),
                        .ttft_ms = point.required_number("ttft_ms"),
                        .tpot_ms = point.required_number("tpot_ms"),
                        .measured_on = point.text("measured_on").value_or("").substr(0, 10)});
  }
}

// Blocks counted from a trace leave out vLLM's null block; its log does not.
std::optional<std::int64_t> logged_blocks(const JsonView& kv) {
  const std::optional<std::int64_t> blocks = kv.integer("gpu_blocks");
  if (!blocks) return std::nullopt;
  return *blocks + (kv.text("provenance").value_or("").starts_with("trace") ? 1 : 0);
}

MeasuredCase read_case(const JsonView& root, const std::map<std::string, Generator>& generators) {
  MeasuredCase c;
  c.id = root.required_text("id");
  c.family = root.required_text("family");
  const JsonView model = root.object("model"), parallel = root.object("parallel");
  c.model = model.required_text("hf_id");
  if (const nlohmann::json* weights = model.find("quantization")) {
    c.weights = weights->is_object() ? model.object("quantization").text("gemm") : model.text("quantization");
  }
  c.gpu = root.object("hardware").required_text("gpu");
  const auto degree = [&parallel](const char* key) {
    return static_cast<int>(std::max<std::int64_t>(1, parallel.integer(key).value_or(1)));
  };
  c.tensor = degree("tp"), c.pipeline = degree("pp"), c.data = degree("dp"), c.expert = degree("ep");
  read_engine(root.object("engine"), c);
  c.gpu_blocks = logged_blocks(root.object("kv"));
  read_workload(root.object("workload"), generators, c);
  read_measured(root.object("measured"), c);
  c.per_request_csv = root.text("per_request_csv").value_or("");
  c.overload = root.boolean("overload").value_or(false);
  c.simulatable = root.required_text("simulatable");
  if (const nlohmann::json* flags = root.find("quality_flags"); flags && flags->is_array()) {
    for (const nlohmann::json& flag : *flags) {
      // Latencies taken inside the server begin where a request reaches the engine.
      if (flag.is_string() && flag.get<std::string>().starts_with("SERVER-side")) c.in_process = true;
    }
  }
  return c;
}

}  // namespace

std::vector<MeasuredCase> read_cases(const std::string& folder) {
  const std::string path = folder + "/cases.jsonl";
  LineReader lines(path);
  const std::map<std::string, Generator> generators = read_generators(folder + "/generators.json");
  std::vector<MeasuredCase> cases;
  std::string_view line;
  while (lines.next(line)) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const nlohmann::json root = parse(std::string(line), lines.place());
    cases.push_back(read_case(JsonView(root, lines.place()), generators));
  }
  return cases;
}

}  // namespace blis
