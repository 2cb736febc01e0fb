#include "tools/score/case_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "sim/letter_case.h"
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
  if (!std::filesystem::exists(path)) return {};
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

std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
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
      c.engine_args.emplace_back("engine." + key, text_of(value));
    }
  }
  const JsonView shortened = engine.object("args_if_refused");
  for (const std::string& key : shortened.keys()) {
    c.args_if_refused.emplace_back("engine." + key, text_of(*shortened.find(key)));
  }
}

// Files relative to the folder, where its rows name them.
std::string beside(const std::string& folder, const std::string& file) {
  return file.empty() ? "" : (std::filesystem::path(folder) / file).string();
}

// `model.config` of the case, or NAME/config.json in one of the folder's model_configs*.
std::string own_model(const JsonView& model, const std::string& folder) {
  namespace fs = std::filesystem;
  if (const auto path = model.text("config")) return beside(folder, *path);
  std::string name = model.required_text("hf_id");
  name.erase(0, name.find_last_of('/') + 1);
  name = lower_case(name);
  for (const char* const shelf : {"model_configs", "model_configs2"}) {
    const fs::path own = fs::path(folder) / shelf / name;
    if (!name.empty() && fs::exists(own / "config.json")) return fs::absolute(own).string();
  }
  return "";
}

Loop loop_of(const JsonView& workload) {
  const std::string loop = workload.text("loop").value_or("");
  return loop == "at-once" || (loop == "closed" && workload.has("num_requests")) ? Loop::at_once
                                                                                 : Loop::by_stages;
}

// "all", "ttft", "tpot", "throughput": what takes part in a figure marks it.
void add_marks(const JsonView& holder, MetricMarks& marks) {
  const nlohmann::json* const list = holder.find("do_not_tune_metrics");
  if (list == nullptr || !list->is_array()) return;
  for (const nlohmann::json& item : *list) {
    const std::string what = item.is_string() ? item.get<std::string>() : "";
    for (std::size_t m = 0; m < kMetrics; ++m) {
      const std::string_view name = kMetricNames[m];
      const bool is_sum = name.starts_with("e2e") && (what == "ttft" || what == "tpot");
      const bool same = name.starts_with(what) || (what == "throughput" && name == "output_throughput");
      if (what == "all" || is_sum || (!what.empty() && same)) marks.marked[m] = true;
    }
  }
}

void read_workload(const JsonView& workload, const std::map<std::string, Generator>& generators,
                   MeasuredCase& c) {
  c.workload = workload.text("name").value_or("");
  c.generator = workload.text("generator_ref").value_or("");
  c.in_process = workload.object("client").text("api") == "in-process";
  c.loop = loop_of(workload);
  c.num_requests = workload.integer("num_requests").value_or(0);
  c.max_concurrency = workload.integer("max_concurrency").value_or(0);
  c.lengths_csv = workload.text("lengths_csv").value_or("");
  c.greedy = workload.object("sampling").number("temperature") == 0.0;
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

void read_measured(const JsonView& measured, const MetricMarks& of_case, MeasuredCase& c) {
  const auto add = [&](const JsonView& stage) {
    MeasuredStage& out = c.measured.emplace_back();
    out.index = static_cast<int>(stage.required_integer("stage_index"));
    read_figures(stage, out.figures);
    out.doubtful = of_case;
    add_marks(stage, out.doubtful);
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

// What ran where: shared by cases and logs.
void read_deployment(const JsonView& root, const std::string& folder, MeasuredCase& c) {
  c.id = root.required_text("id");
  c.family = root.required_text("family");
  const JsonView model = root.object("model"), parallel = root.object("parallel");
  c.model = model.required_text("hf_id");
  if (const nlohmann::json* weights = model.find("quantization")) {
    c.weights = weights->is_object() ? model.object("quantization").text("gemm") : model.text("quantization");
  }
  c.model_path = own_model(model, folder);
  c.gpu = root.object("hardware").required_text("gpu");
  c.hardware_path = beside(folder, root.object("hardware").text("config").value_or(""));
  const auto degree = [&parallel](const char* key) {
    return static_cast<int>(std::max<std::int64_t>(1, parallel.integer(key).value_or(1)));
  };
  c.tensor = degree("tp"), c.pipeline = degree("pp"), c.data = degree("dp"), c.expert = degree("ep");
  c.replicas = degree("replicas");
  read_engine(root.object("engine"), c);
}

void read_case(const JsonView& root, const std::string& folder,
               const std::map<std::string, Generator>& generators, MeasuredCase& c) {
  read_deployment(root, folder, c);
  c.page = root.text("page").value_or("");
  c.gpu_blocks = logged_blocks(root.object("kv"));
  read_workload(root.object("workload"), generators, c);
  c.lengths_csv = beside(folder, c.lengths_csv);
  MetricMarks doubtful;
  add_marks(root, doubtful);
  read_measured(root.object("measured"), doubtful, c);
  c.per_request_csv = beside(folder, root.text("per_request_csv").value_or(""));
  c.overload = root.boolean("overload").value_or(false);
  c.simulatable = root.required_text("simulatable");
  if (const nlohmann::json* flags = root.find("quality_flags"); flags && flags->is_array()) {
    for (const nlohmann::json& flag : *flags) {
      // Latencies taken inside the server begin where a request reaches the engine.
      if (flag.is_string() && flag.get<std::string>().starts_with("SERVER-side")) c.in_process = true;
    }
  }
}

void read_kv_log(const JsonView& root, const std::string& folder, KvLog& log) {
  read_deployment(root, folder, log.deployment);
  const JsonView measured = root.object("measured");
  log.tokens = measured.number("kv_tokens");
  if (!log.tokens) {
    log.tokens = measured.number("kv_tokens_from_gib");
    if (log.tokens) log.bytes_per_token = measured.required_number("bytes_per_token_per_gpu");
  }
  log.at_least = measured.number("kv_tokens_at_least").value_or(0);
  log.at_most = measured.number("kv_tokens_at_most").value_or(0);
  if (!log.tokens && log.at_most <= 0) measured.reject("kv_tokens", "a number of tokens, or its bounds");
  log.complete = root.boolean("complete").value_or(false);
  log.doubtful = root.boolean("do_not_tune").value_or(false);
}

// Calls read(row, where it is) for each line that is not blank; what is wrong with a row becomes the problem
// of its case.
template <class Read>
void read_rows(const std::string& path, Read read) {
  LineReader lines(path);
  std::string_view line;
  while (lines.next(line)) {
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) read(std::string(line), lines.place());
  }
}

template <class Read>
void read_row(const std::string& line, const Place& place, MeasuredCase& c, Read read) {
  try {
    const nlohmann::json root = parse(line, place);
    read(JsonView(root, place));
  } catch (const InputError& error) {
    const Problem& first = error.problems().front();
    c.problem = fmt::format("{}: {}{}", to_string(first.place), first.message,
                            first.got.empty() ? "" : ": " + first.got);
    if (c.id.empty()) c.id = to_string(first.place);
  }
}

}  // namespace

std::vector<MeasuredCase> read_cases(const std::string& folder) {
  const std::map<std::string, Generator> generators = read_generators(folder + "/generators.json");
  std::vector<MeasuredCase> cases;
  read_rows(folder + "/cases.jsonl", [&](const std::string& line, const Place& place) {
    MeasuredCase& c = cases.emplace_back();
    read_row(line, place, c, [&](const JsonView& root) { read_case(root, folder, generators, c); });
  });
  return cases;
}

namespace {

template <class T, class Read>
std::vector<T> joined(std::span<const std::string> folders, Read read) {
  std::vector<T> all;
  for (const std::string& folder : folders) {
    std::vector<T> more = read(folder);
    std::ranges::move(more, std::back_inserter(all));
  }
  return all;
}

}  // namespace

std::vector<MeasuredCase> read_cases(std::span<const std::string> folders) {
  return joined<MeasuredCase>(folders, [](const std::string& folder) { return read_cases(folder); });
}

std::vector<KvLog> read_kv_logs(std::span<const std::string> folders) {
  return joined<KvLog>(folders, [](const std::string& folder) { return read_kv_logs(folder); });
}

std::vector<KvLog> read_kv_logs(const std::string& folder) {
  const std::string path = folder + "/kv.jsonl";
  std::vector<KvLog> logs;
  if (!std::filesystem::exists(path)) return logs;
  read_rows(path, [&](const std::string& line, const Place& place) {
    KvLog& log = logs.emplace_back();
    read_row(line, place, log.deployment, [&](const JsonView& root) { read_kv_log(root, folder, log); });
  });
  return logs;
}

}  // namespace blis
