#include "scenarios/document_text.h"
#include "scenarios/fields_writer.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario_fields.h"
#include "scenarios/scenario_paths.h"

namespace blis {
namespace {

Node tree_of(const Scenario& scenario) {
  FieldsWriter writer;
  Scenario copy = scenario;  // the same describe functions read and write, so they take no const
  describe(writer, copy);
  return writer.take();
}

}  // namespace

std::string to_yaml(const Scenario& scenario, const std::string& folder) {
  Node tree = tree_of(scenario);
  move_paths(tree, "", scenario.folder, folder);
  return yaml_text(tree, [&](std::string_view key) -> std::string {
    const auto origin = scenario.origins.find(key);
    return origin == scenario.origins.end() ? "default" : origin->second;
  });
}

std::string to_json(const Scenario& scenario) {
  return json_text(tree_of(scenario));
}

}  // namespace blis
