#include "scenarios/catalog.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>
#include <system_error>

#include "scenarios/document.h"
#include "sim/nearest_name.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

}  // namespace

bool looks_like_path(std::string_view name) {
  return name.starts_with('.') || name.starts_with('/') || name.ends_with(".json");
}

ModelConfig Catalog::model(const std::string& name, const std::string& from, const Place& place,
                           const ModelRules& rules) const {
  const std::string path = model_path(name, from, place);
  ModelConfig model = read_model_config(path, rules);
  if (const std::string id = other_id(name, path); !id.empty()) {
    model.remarks.push_back(
        fmt::format("`{}` is taken to be the network of `{}`, which is in the catalog", name, id));
  }
  return model;
}

// The id of the catalog's model at `path`, if the one that was asked for is not known to be the same network.
std::string Catalog::other_id(const std::string& name, const std::string& path) const {
  if (looks_like_path(name) || name.find('/') == std::string::npos) return {};
  if (fs::path(path).parent_path() != fs::path(folder_) / "model_configs") return {};
  const std::vector<IndexedModel> index = model_index();
  const auto known = std::ranges::find(index, fs::path(path).filename().string(), &IndexedModel::folder);
  const auto is_asked_for = [&](const std::string& id) { return lower(id) == lower(name); };
  if (known == index.end() || is_asked_for(known->id) || std::ranges::any_of(known->also, is_asked_for))
    return {};
  return known->id;
}

std::string Catalog::model_path(const std::string& name, const std::string& from, const Place& place) const {
  const fs::path local = fs::path(from) / name;
  if (looks_like_path(name)) return local.string();

  // meta-llama/Llama-3.1-8B-Instruct lies under llama-3.1-8b-instruct.
  const std::string last = lower(std::string_view(name).substr(name.find_last_of('/') + 1));
  const fs::path models = fs::path(folder_) / "model_configs";
  if (!last.empty()) {
    if (is_file((models / last / "config.json").string())) return (models / last).string();
    for (const std::string& known : model_names()) {
      if (lower(known) == last) return (models / known).string();
    }
  }
  if (is_file((local / "config.json").string())) return local.string();
  const std::vector<IndexedModel> index = model_index();
  if (const IndexedModel* const same = last.empty() ? nullptr : find_indexed(index, last)) {
    return (models / same->folder).string();
  }

  std::vector<std::string> names = model_names();
  for (const IndexedModel& known : index) {
    for (const std::string& id : known.also) names.push_back(lower(id.substr(id.find_last_of('/') + 1)));
  }
  std::string hint = did_you_mean(last, names, 3);
  if (!hint.empty()) hint += '\n';
  hint +=
      fmt::format("or drop its config.json into {}/model_configs/{}/", folder_, last.empty() ? "NAME" : last);
  throw InputError(
      ErrorKind::usage,
      {.place = place,
       .message = fmt::format("unknown model `{}`", name),
       .expected = "a Hugging Face id, a folder of model_configs/ (see `blis list models`), or a path",
       .got = name,
       .hint = hint});
}

Hardware Catalog::hardware(std::string_view gpu, const Place& place) const {
  return read_hardware(hardware_path(), gpu, place);
}

std::string Catalog::hardware_entry(std::string_view gpu) const {
  return blis::hardware_entry(hardware_path(), gpu);
}

std::vector<IndexedModel> Catalog::model_index() const {
  return read_model_index((fs::path(folder_) / "model_configs" / "index.json").string());
}

std::vector<std::string> Catalog::model_names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(fs::path(folder_) / "model_configs", error), end; !error && entry != end;
       entry.increment(error)) {
    if (is_file((entry->path() / "config.json").string())) names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace blis
