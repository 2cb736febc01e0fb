#include "tools/score/cluster_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "roofline/kv_capacity.h"
#include "scenarios/document.h"
#include "tools/output/strict_json.h"
#include "tools/score/json_view.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

// vLLM's blocks, in which KV caches are published as tokens.
constexpr std::int64_t kTokensInBlock = 16;

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  return files;
}

nlohmann::json parse(const std::string& file) {
  return parse_strict_json<nlohmann::json>(read_file(file, "benchmark of a cluster"), {file});
}

bool is_cluster_case(const nlohmann::json& root) {
  return root.is_object() && root.contains("topology") && root.contains("load") &&
         (root.contains("measured") || root.contains("variants"));
}

// "ttft_s.mean" is the member `mean` of `ttft_s`.
ClusterFigures read_figures(const JsonView& measured) {
  ClusterFigures figures = kNoFigures;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const std::string_view name = kClusterFigures[i];
    const std::size_t dot = name.find('.');
    const auto value = dot == std::string_view::npos
                           ? measured.number(name)
                           : measured.object(name.substr(0, dot)).number(name.substr(dot + 1));
    if (value) figures[i] = *value;
  }
  return figures;
}

ClusterLoad read_load(const JsonView& load) {
  const JsonView data = load.object("data");
  ClusterLoad read{.output_tokens = static_cast<std::int32_t>(data.required_integer("output_len")),
                   .poisson = load.text("type").value_or("poisson") == "poisson",
                   .gap_s = load.required_number("trace_gap_s")};
  if (data.required_text("type") == "shared_prefix") {
    read.groups = data.required_integer("num_groups");
    read.prompts_per_group = data.required_integer("num_prompts_per_group");
    read.shared_tokens = static_cast<std::int32_t>(data.required_integer("system_prompt_len"));
    read.own_tokens = static_cast<std::int32_t>(data.required_integer("question_len"));
  } else {
    read.own_tokens = static_cast<std::int32_t>(data.object("input_len_observed").required_number("mean"));
  }
  for (const JsonView& stage : load.list("stages")) {
    read.stages.push_back({.rate = stage.required_number("rate"),
                           .requests = stage.required_integer("num_requests"),
                           .warm_up = stage.boolean("warm_up").value_or(false)});
  }
  return read;
}

// Measured stages follow those of the load that are no warm-up, each at its rate.
void read_stages(const JsonView& measured, ClusterLoad& load) {
  auto stage = load.stages.begin();
  for (const JsonView& figures : measured.list("stages")) {
    const double rate = figures.required_number("rate");
    stage = std::find_if(stage, load.stages.end(),
                         [&](const ClusterStage& s) { return !s.warm_up && s.rate == rate; });
    if (stage == load.stages.end()) figures.reject("rate", "that of a later stage of the load");
    stage->measured = read_figures(figures);
    ++stage;
  }
}

void read_router(const JsonView& router, const std::string& folder, ClusterCase& into) {
  const std::string kind = router.required_text("kind");
  const auto set = [&](std::string key, std::string value) {
    into.settings.push_back({std::move(key), std::move(value), into.id});
  };
  if (kind != "llm-d-epp") {
    set("router.policy", "random");
  } else if (const auto config = router.text("config")) {
    set("router.policy", "epp");
    set("router.config", folder + "/" + *config);
  } else {
    into.problem = "the router's configuration was not published";
  }
}

void read_engine(const JsonView& root, ClusterCase& into) {
  const JsonView topology = root.object("topology"), arguments = root.object("engine").object("args");
  const auto set = [&](std::string key, std::string value) {
    into.settings.push_back({std::move(key), std::move(value), into.id});
  };
  set("model", root.object("model").required_text("hf_id"));
  set("hardware.gpu", topology.required_text("gpu"));
  set("replicas", std::to_string(topology.required_integer("replicas")));
  for (const std::string& name : arguments.keys()) {
    if (name == "tensor_parallel_size") {
      set("engine." + name, std::to_string(arguments.required_integer(name)));
    } else if (name == "kv_transfer_config" &&
               arguments.object(name).text("kv_connector") == "OffloadingConnector") {
      const JsonView extra = arguments.object(name).object("kv_connector_extra_config");
      set("engine.kv_offloading_size", fmt::format("{}", extra.required_number("cpu_bytes_to_use") / kGiB));
    } else if (into.problem.empty()) {
      into.problem = fmt::format("`{}` of the engine is not simulated", name);
    }
  }
  if (const auto tokens = root.object("kv").integer("tokens_per_replica")) {
    set("engine.num_gpu_blocks_override", std::to_string(*tokens / kTokensInBlock));
  }
}

void read_file_into(const std::string& file, const std::string& folder, std::vector<ClusterCase>& cases) {
  const nlohmann::json node = parse(file);
  if (!is_cluster_case(node)) return;
  const JsonView root(node, {file});
  ClusterCase common{.id = root.required_text("id"), .load = read_load(root.object("load"))};
  for (const JsonView& variant : root.list("variants")) {
    ClusterCase one = common;
    one.id += " " + variant.required_text("name");
    one.measured_mean = read_figures(variant.object("measured"));
    one.score = {"ttft_s.mean", "ttft_s.p90"};
    read_router(variant.object("router"), folder, one);
    read_engine(root, one);
    cases.push_back(std::move(one));
  }
  if (!root.has("measured")) return;
  read_stages(root.object("measured"), common.load);
  for (const auto& name : node.at("score")) {
    if (name.is_string() &&
        std::ranges::find(kClusterFigures, name.get<std::string>()) != kClusterFigures.end())
      common.score.push_back(name.get<std::string>());
  }
  read_router(root.object("router"), folder, common);
  read_engine(root, common);
  cases.push_back(std::move(common));
}

}  // namespace

bool is_cluster_folder(const std::string& folder) {
  std::error_code error;
  if (fs::exists(folder + "/cases.jsonl", error)) return false;
  return std::ranges::any_of(files_of(folder),
                             [](const std::string& file) { return is_cluster_case(parse(file)); });
}

std::vector<ClusterCase> read_cluster_cases(const std::string& folder) {
  std::vector<ClusterCase> cases;
  for (const std::string& file : files_of(folder)) read_file_into(file, folder, cases);
  return cases;
}

}  // namespace blis
