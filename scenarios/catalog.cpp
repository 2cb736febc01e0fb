#include "scenarios/catalog.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "scenarios/data_folder.h"
#include "scenarios/document.h"
#include "scenarios/hf_cache.h"
#include "scenarios/scenario_paths.h"
#include "sim/letter_case.h"
#include "sim/nearest_name.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

// What follows the last slash of a model's id, in lower case.
std::string last_part(std::string_view id) {
  return lower_case(id.substr(id.find_last_of('/') + 1));
}

}  // namespace

Catalog::Catalog(std::string folders) : text_(std::move(folders)), folders_(data_folders_in(text_)) {}

std::vector<std::string> Catalog::all(std::string_view relative) const {
  std::vector<std::string> found;
  for (const std::string& folder : folders_) {
    const fs::path path = fs::path(folder) / relative;
    std::error_code ignored;
    if (fs::exists(path, ignored)) found.push_back(path.string());
  }
  return found;
}

std::string Catalog::find(std::string_view relative) const {
  const std::vector<std::string> found = all(relative);
  return found.empty() ? (fs::path(folders_.front()) / relative).string() : found.front();
}

bool looks_like_path(std::string_view name) {
  return name.starts_with('.') || name.starts_with('/') || name.ends_with(".json");
}

ModelConfig Catalog::model(const std::string& name, const std::string& from, const Place& place,
                           const ModelRules& rules) const {
  const Located at = locate(name, from, place);
  ModelConfig model = read_model_config(at.path, rules);
  if (at.where == Where::hub_cache) {
    model.name = last_part(name);
    model.remarks.push_back(fmt::format("its config is that of the Hugging Face cache, {}", at.path));
  }
  if (const std::string id = other_id(name, at); !id.empty()) {
    model.remarks.push_back(fmt::format(
        "`{}` is not among the ids that are known; the catalog's network of that name, {}, is used", name,
        id));
  }
  return model;
}

// The id of the catalog's model that was located, if the one that was asked for is not known to be the same
// network.
std::string Catalog::other_id(const std::string& name, const Located& at) const {
  if (at.where != Where::catalog || name.find('/') == std::string::npos) return {};
  const std::vector<IndexedModel> index = model_index();
  const auto known = std::ranges::find(index, fs::path(at.path).filename().string(), &IndexedModel::folder);
  const auto is_asked_for = [&](const std::string& id) { return equal_but_for_case(id, name); };
  if (known == index.end() || is_asked_for(known->id) || std::ranges::any_of(known->also, is_asked_for))
    return {};
  return known->id;
}

std::string Catalog::model_path(const std::string& name, const std::string& from, const Place& place) const {
  return locate(name, from, place).path;
}

Catalog::Located Catalog::locate(const std::string& name, const std::string& from, const Place& place) const {
  const fs::path local = fs::path(from) / name;
  if (looks_like_path(name)) {
    const std::string snapshot = is_file((local / "config.json").string()) ? "" : snapshot_in(local.string());
    return {Where::path, snapshot.empty() ? local.string() : snapshot};
  }

  // meta-llama/Llama-3.1-8B-Instruct lies under llama-3.1-8b-instruct.
  const std::string last = last_part(name);
  const auto of_catalog = [&](const std::string& folder) -> Located {
    return {Where::catalog, find("model_configs/" + folder)};
  };
  if (!last.empty()) {
    if (is_file(find("model_configs/" + last + "/config.json"))) return of_catalog(last);
    for (const std::string& known : model_names()) {
      if (lower_case(known) == last) return of_catalog(known);
    }
  }
  if (is_file((local / "config.json").string())) return {Where::path, local.string()};
  const std::vector<IndexedModel> index = model_index();
  if (const IndexedModel* const same = last.empty() ? nullptr : find_indexed(index, last)) {
    return of_catalog(same->folder);
  }
  if (std::string snapshot = cached_snapshot(name); !snapshot.empty()) {
    return {Where::hub_cache, std::move(snapshot)};
  }

  std::vector<std::string> names = model_names();
  for (const IndexedModel& known : index) {
    for (const std::string& id : known.also) names.push_back(last_part(id));
  }
  std::string hint = did_you_mean(last, names, 3);
  if (!hint.empty()) hint += '\n';
  const bool is_id = is_model_id(name);
  hint += is_id ? fmt::format(
                      "`hf download {} config.json` fetches its config, which is then found by itself", name)
                : fmt::format("or drop its config.json into {}/model_configs/{}/", folders_.front(),
                              last.empty() ? "NAME" : last);
  throw InputError(
      ErrorKind::usage,
      {.place = place,
       .message = fmt::format("unknown model `{}`", name),
       .expected = "a Hugging Face id, a folder of model_configs/ (see `blis list models`), or a path",
       .got = name,
       .hint = hint});
}

Hardware Catalog::hardware(std::string_view gpu, const Place& place, const std::string& from) const {
  constexpr const char* kUnnamed = "own GPU";
  if (gpu.starts_with('{')) return read_gpu_entry(gpu, "hardware.gpu", kUnnamed);
  if (looks_like_path(gpu)) {
    const std::string path = located(from, std::string(gpu));
    return read_gpu_entry(read_file(path, "GPU"), path, fs::path(path).stem().string());
  }
  const std::vector<std::string> paths = hardware_paths();
  if (paths.empty()) return read_hardware(hardware_path(), gpu, place);  // says that there is none
  return read_hardware(paths, gpu, place);
}

std::vector<Hardware> Catalog::all_hardware() const {
  std::vector<Hardware> entries;
  for (const std::string& path : hardware_paths()) {
    for (Hardware& entry : read_all_hardware(path)) {
      const bool hidden = std::ranges::any_of(
          entries, [&](const Hardware& known) { return equal_but_for_case(known.name, entry.name); });
      if (!hidden) entries.push_back(std::move(entry));
    }
  }
  return entries;
}

std::vector<std::string> Catalog::hardware_paths() const {
  return own_hardware_.empty() ? all("hardware_config.json") : std::vector{own_hardware_};
}

std::string Catalog::hardware_entry(std::string_view gpu, const std::string& from) const {
  if (gpu.starts_with('{')) return std::string(gpu);
  if (looks_like_path(gpu)) return read_file(located(from, std::string(gpu)), "GPU");
  return blis::hardware_entry(hardware_paths(), gpu);
}

std::vector<IndexedModel> Catalog::model_index() const {
  std::vector<IndexedModel> index;
  for (const std::string& path : all("model_configs/index.json")) {
    for (IndexedModel& model : read_model_index(path)) index.push_back(std::move(model));
  }
  return index;
}

std::vector<std::string> Catalog::model_names() const {
  std::vector<std::string> names;
  for (const std::string& folder : all("model_configs")) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      if (is_file((entry->path() / "config.json").string()))
        names.push_back(entry->path().filename().string());
    }
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace blis
