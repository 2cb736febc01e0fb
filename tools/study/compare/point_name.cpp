#include "tools/study/compare/point_name.h"

#include <fmt/format.h>

#include <filesystem>

#include "blis/version.hpp"
#include "scenarios/scenario_paths.h"
#include "workloads/random.h"
#include "workloads/servegen.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

// Of a model's folder, or its config.json: only the files that are read (read_model_facts).
std::uint64_t model_files(const std::string& path, ContentHashes& contents) {
  std::error_code ignored;
  const fs::path config = fs::is_directory(path, ignored) ? fs::path(path) / "config.json" : fs::path(path);
  const fs::path folder = config.parent_path();
  std::string text = folder.filename().string();  // the model's name in documents
  for (const fs::path& file : {config, folder / "hf_quant_config.json", folder / "generation_config.json"}) {
    text += fmt::format(" {:x}", contents.of(file.string()));
  }
  return hash_of_text(text);
}

}  // namespace

bool reads_standard_input(ScenarioSettings scenario) {
  bool reads = false;
  for_each_path(scenario, [&](std::string& path) { reads = reads || path == "-"; });
  return reads;
}

std::uint64_t PointNames::hardware(const ScenarioSettings& scenario) {
  const std::string key = scenario.hardware.gpu + "\n" + scenario.folder;
  const std::lock_guard lock(mutex_);
  const auto known = hardware_.find(key);
  if (known != hardware_.end()) return known->second;
  return hardware_[key] = hash_of_text(catalog_.hardware_entry(scenario.hardware.gpu, scenario.folder));
}

std::uint64_t PointNames::model(const ScenarioSettings& scenario) {
  const std::string key = scenario.model + "\n" + scenario.folder;
  {
    const std::lock_guard lock(mutex_);
    const auto known = models_.find(key);
    if (known != models_.end()) return known->second;
  }
  const std::uint64_t hash = model_files(catalog_.model_path(scenario.model, scenario.folder, {}), contents_);
  const std::lock_guard lock(mutex_);
  return models_[key] = hash;
}

PointInputs PointNames::inputs(const ResolvedScenario& resolved) {
  ScenarioSettings settings = resolved.scenario;
  settings.seed = 0;
  settings.name.clear();
  // A file's name is only what it ends in; the rest is where it lies.
  std::string files;
  for_each_path(settings, [&](std::string& path) {
    if (path == settings.model) {
      path.clear();  // it is hashed with its neighbours, below
      return;
    }
    const std::string where = located(settings.folder, path);
    files += fmt::format("{:x}\n", contents_.of(where));
    const std::string beside = servegen_dataset_path(where);
    if (!beside.empty()) files += fmt::format("{:x}\n", contents_.of(beside));
    path = fs::path(path).extension().string();
  });
  std::string catalog;
  bool has_bands = false;
  for (const ResolvedScenario& pool : pools_of(resolved)) {
    catalog += fmt::format("{:x} {:x}\n", hardware(pool.scenario), model(pool.scenario));
    has_bands = has_bands || (pool.latency != nullptr && pool.latency->scored);
  }
  if (has_bands) catalog += fmt::format("{:x}", contents_.of(catalog_.find("accuracy_bands.json")));
  return {.settings = hash_of_text(to_json(settings)),
          .files = hash_of_text(files),
          .catalog = hash_of_text(catalog)};
}

std::string PointNames::name(const ResolvedScenario& scenario) {
  const PointInputs inputs = this->inputs(scenario);
  return fmt::format("{:016x}", hash_of_text(fmt::format("{} {:x} {:x} {:x}", version(), inputs.settings,
                                                         inputs.files, inputs.catalog)));
}

}  // namespace blis
