#include "scenarios/document_text.h"
#include "scenarios/fields_writer.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario_fields.h"
#include "scenarios/scenario_paths.h"
#include "scenarios/short_yaml.h"

namespace blis {
namespace {

Node tree_of(const ScenarioSettings& scenario) {
  FieldsWriter writer;
  ScenarioSettings copy = scenario;  // the same describe functions read and write, so they take no const
  describe(writer, copy, Scope::simulation);
  return writer.take();
}

// Leaves out what is null: whoever reads it would not have set it.
void drop_nulls(Node& node) {
  for (Node& child : node.children) drop_nulls(child);
  std::erase_if(node.children, [](const Node& child) { return child.kind == Node::Kind::null; });
}

// Leaves out whatever came from nowhere. A list is kept or left out as a whole.
void drop_defaults(Node& node, const std::string& path, const Origins& origins) {
  const auto said = [&](const Node& child) { return origins.contains(path + child.key); };
  std::erase_if(node.children, [&](Node& child) {
    if (child.kind != Node::Kind::map) return !said(child);
    drop_defaults(child, path + child.key + ".", origins);
    return child.children.empty();
  });
}

}  // namespace

std::string short_yaml(const ScenarioSettings& scenario, const std::string& folder) {
  Node tree = tree_of(scenario);
  drop_nulls(tree);
  drop_defaults(tree, "", scenario.origins);
  move_paths(tree, "", scenario.folder, folder);
  return yaml_text(tree, [&](std::string_view key) -> std::string {
    const auto origin = scenario.origins.find(key);
    return origin == scenario.origins.end() ? "" : origin->second;
  });
}

std::string to_yaml(const WorkloadSpec& workload, const std::string& folder) {
  FieldsWriter writer;
  std::int64_t version = kFormatVersion;
  writer.required_integer("version", version);
  WorkloadSpec copy = workload;
  writer.section("workload", [&] { describe(writer, copy); });
  Node tree = writer.take();
  drop_nulls(tree);
  move_paths(tree, "", "", folder);
  return yaml_text(tree, [](std::string_view) { return std::string(); });
}

std::string to_yaml(const ScenarioSettings& scenario, const std::string& folder) {
  Node tree = tree_of(scenario);
  move_paths(tree, "", scenario.folder, folder);
  return yaml_text(tree, [&](std::string_view key) -> std::string {
    const auto origin = scenario.origins.find(key);
    return origin == scenario.origins.end() ? "default" : origin->second;
  });
}

std::string to_json(const ScenarioSettings& scenario) {
  return json_text(tree_of(scenario));
}

}  // namespace blis
