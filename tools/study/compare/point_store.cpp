#include "tools/study/compare/point_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "blis/version.hpp"
#include "scenarios/document.h"
#include "scenarios/scenario_paths.h"
#include "tools/output/json_writer.h"
#include "tools/output/output_file.h"
#include "tools/output/strict_json.h"
#include "tools/study/compare/figures.h"
#include "workloads/random.h"
#include "workloads/servegen.h"

namespace blis {
namespace {

namespace fs = std::filesystem;
constexpr const char* kSchema = "blis-compare-point/1";

// Size and age of a file, or of all files in a folder, stand for their content.
std::string identity(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    std::vector<std::string> files;
    for (fs::recursive_directory_iterator entry(path, ignored), end; entry != end; entry.increment(ignored)) {
      if (entry->is_regular_file(ignored)) files.push_back(entry->path().string() + identity(entry->path()));
    }
    std::ranges::sort(files);
    return fmt::format("{}", fmt::join(files, "\n"));
  }
  const auto size = fs::file_size(path, ignored);
  const auto time = fs::last_write_time(path, ignored);
  return fmt::format(" {} {}", size, time.time_since_epoch().count());
}

// Of the files that the scenario names itself.
std::string named_files(ScenarioSettings scenario) {
  std::string text;
  for_each_path(scenario, [&](std::string& path) {
    path = located(scenario, path);
    text += identity(path);
    const std::string beside = servegen_dataset_path(path);
    if (!beside.empty()) text += identity(beside);
  });
  return text;
}

bool reads_standard_input(ScenarioSettings scenario) {
  bool reads = false;
  for_each_path(scenario, [&](std::string& path) { reads = reads || path == "-"; });
  return reads;
}

double number(const nlohmann::json& value) {
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

Replication read_replication(const nlohmann::json& json) {
  Replication run;
  run.seed = json.at("seed").get<std::uint64_t>();
  for (const FigureKind& kind : figure_kinds())
    run.figures.push_back(number(json.at("figures").at(kind.key)));
  run.attainment_if_slower = number(json.at("attainment_if_slower"));
  run.attainment_if_faster = number(json.at("attainment_if_faster"));
  run.overloaded = json.at("overloaded").get<bool>();
  run.saturation = json.at("saturation").get<std::string>();
  run.warmup_requests = json.at("warmup_requests").get<std::uint32_t>();
  run.settled = json.at("settled").get<bool>();
  run.warnings = json.at("warnings").get<std::vector<std::string>>();
  return run;
}

void write_replication(JsonWriter& json, const Replication& run) {
  json.begin_object().member("seed", run.seed);
  json.member("overloaded", run.overloaded).member("saturation", run.saturation);
  json.member("warmup_requests", run.warmup_requests).member("settled", run.settled);
  json.member("attainment_if_slower", run.attainment_if_slower);
  json.member("attainment_if_faster", run.attainment_if_faster);
  json.key("warnings").begin_list();
  for (const std::string& warning : run.warnings) json.value(warning);
  json.end_list();
  json.key("figures").begin_object();
  for (std::size_t f = 0; f < run.figures.size(); ++f) json.member(figure_kinds()[f].key, run.figures[f]);
  json.end_object().end_object();
}

}  // namespace

PointStore::PointStore(std::string folder, const std::string& data_folder) : folder_(std::move(folder)) {
  if (folder_.empty() || data_folder.empty()) return;
  for (const char* const part : {"hardware_config.json", "accuracy_bands.json", "model_configs"}) {
    data_identity_ += identity(fs::path(data_folder) / part);
  }
}

std::string PointStore::file_name(const ResolvedScenario& scenario, bool detect_warmup) const {
  ScenarioSettings settings = scenario.scenario;
  settings.seed = 0;
  settings.name.clear();
  const std::string text = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", kSchema, version(), detect_warmup,
                                       data_identity_, named_files(settings), to_json(settings));
  return fmt::format("{:016x}.json", hash_of_text(text));
}

std::string PointStore::path(const ResolvedScenario& scenario, bool detect_warmup) const {
  return fmt::format("{}/points/{}", folder_, file_name(scenario, detect_warmup));
}

std::vector<Replication> PointStore::load(const ResolvedScenario& scenario, bool detect_warmup) const {
  if (folder_.empty() || reads_standard_input(scenario.scenario)) return {};
  const std::string file = path(scenario, detect_warmup);
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  try {
    const auto json = parse_strict_json<nlohmann::json>(read_file(file, "result of a point"), {file});
    if (json.at("schema") != kSchema) return {};
    std::vector<Replication> runs;
    for (const auto& run : json.at("replications")) runs.push_back(read_replication(run));
    return runs;
  } catch (const nlohmann::json::exception&) {
    return {};
  } catch (const InputError&) {
    return {};
  }
}

void PointStore::save(const PointResult& point, bool detect_warmup) const {
  if (folder_.empty()) return;
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", kSchema);
  json.key("settings").begin_object();
  for (const Override& setting : point.point.settings) json.member(setting.key, setting.value);
  json.end_object();
  json.key("replications").begin_list();
  for (const Replication& run : point.runs) write_replication(json, run);
  json.end_list().end_object();
  write_file(path(*point.resolved, detect_warmup), text + "\n");
}

}  // namespace blis
