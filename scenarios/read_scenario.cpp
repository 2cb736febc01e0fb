#include <fmt/core.h>

#include <filesystem>
#include <iostream>
#include <iterator>

#include "scenarios/fields_reader.h"
#include "scenarios/overrides.h"
#include "scenarios/placed_error.h"
#include "scenarios/pools.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario_fields.h"
#include "workloads/check_spec.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

// What the values of a workload must satisfy together is the workload's to know.
void check_workload(const ScenarioSettings& scenario) {
  try {
    std::visit([](const auto& spec) { check(spec); }, scenario.workload.spec.kind);
  } catch (const InputError& error) {
    throw placed(error, scenario.origins);
  }
}

}  // namespace

ScenarioSettings parse_settings(std::string_view text, std::string name, std::string folder,
                                std::span<const Override> overrides, Scope scope) {
  ScenarioSettings scenario;
  scenario.name = fs::path(name).stem().string();
  scenario.folder = std::move(folder);
  Document document = parse_yaml(text, std::move(name));
  apply_overrides(document, overrides, scenario.folder);
  fill_pools(document.root);
  DocumentReader reader(std::move(document), "scenario");
  FieldsReader fields(reader, scenario.origins);
  describe(fields, scenario, scope);
  fields.finish();
  reader.check();
  if (!scenario.origins.contains("name")) scenario.origins["name"] = "the file's name";
  check_workload(scenario);
  return scenario;
}

ScenarioSettings read_settings(const std::string& path, std::span<const Override> overrides, Scope scope) {
  if (path == "-") {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    return parse_settings(text, "<stdin>", "", overrides, scope);
  }
  return parse_settings(read_file(path, "scenario"), path, fs::path(path).parent_path().string(), overrides,
                        scope);
}

}  // namespace blis
