#include "scenarios/scenario_paths.h"

#include <filesystem>

#include "scenarios/catalog.h"
#include "scenarios/scenario.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

bool is_path_key(std::string_view key) {
  if (key == "latency.profile" || key == "latency.calibration") return true;
  return key.starts_with("workload.") && (key.ends_with(".path") || key.ends_with(".lengths_path"));
}

std::string moved(const std::string& path, const std::string& from, const std::string& to) {
  if (path.empty() || path == "-" || fs::path(path).is_absolute()) return path;
  const auto whole = [](const fs::path& folder) {
    return fs::absolute(folder.empty() ? "." : folder).lexically_normal();
  };
  const fs::path target = (whole(from) / path).lexically_normal();
  return target.lexically_relative(whole(to)).string();
}

}  // namespace

void move_paths(Node& node, std::string_view key, const std::string& from, const std::string& to) {
  if (node.kind == Node::Kind::scalar) {
    const bool model_path = key == "model" && looks_like_path(node.text);
    if (!model_path && !is_path_key(key)) return;
    std::string path = moved(node.text, from, to);
    // A model's name is a path by its beginning; it must stay one.
    if (model_path && !looks_like_path(path)) path.insert(0, "./");
    node.text = std::move(path);
    return;
  }
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    Node& child = node.children[i];
    const std::string name = node.kind == Node::Kind::list ? std::to_string(i) : child.key;
    move_paths(child, key.empty() ? name : std::string(key) + "." + name, from, to);
  }
}

std::string located(const std::string& folder, const std::string& path) {
  if (path == "-" || folder.empty() || fs::path(path).is_absolute()) return path;
  return (fs::path(folder) / path).lexically_normal().string();
}

std::string located(const Scenario& scenario, const std::string& path) {
  return located(scenario.folder, path);
}

}  // namespace blis
