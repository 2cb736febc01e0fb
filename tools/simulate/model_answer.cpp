#include "tools/simulate/model_answer.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "scenarios/build.h"
#include "tools/simulate/no_workload.h"

namespace blis {
namespace {

// vLLM's defaults go by the GPU; without one, those of this.
constexpr const char* kStandIn = "H100";

// The folder of a path, or the last part of an id.
std::string name_of(const std::string& model) {
  const std::filesystem::path path(model);
  return (path.extension() == ".json" && path.has_parent_path() ? path.parent_path() : path)
      .filename()
      .string();
}

}  // namespace

ModelAnswer model_answer(const std::string& model, const std::vector<Override>& settings,
                         std::optional<double> kv_bytes, std::span<const std::int64_t> lengths,
                         const Catalog& catalog) {
  const bool has_gpu = std::ranges::find(settings, "hardware.gpu", &Override::key) != settings.end();
  std::vector<Override> overrides{{"model", model, model}};
  if (!has_gpu) overrides.push_back({"hardware.gpu", kStandIn, "blis model"});
  overrides.insert(overrides.end(), settings.begin(), settings.end());
  const ScenarioSettings scenario = parse_settings(kNoWorkload, "model", "", overrides);
  try {
    const ResolvedScenario resolved = resolve(scenario, catalog, Fit::reported);
    ModelAnswer answer{.card = model_card(resolved.model), .memory = {}, .warnings = {}};
    if (has_gpu || kv_bytes) {
      answer.memory = engine_memory(resolved, kv_bytes, lengths);
      if (has_gpu) answer.warnings = resolved.warnings;  // otherwise they are of the stand-in
    }
    return answer;
  } catch (const InputError& error) {
    if (error.kind() != ErrorKind::not_modelled) throw;
    std::vector<std::string> parts;
    for (const Problem& problem : error.problems()) parts.push_back(problem.message);
    return {.card = unreadable_card(name_of(model), std::move(parts)), .memory = {}, .warnings = {}};
  }
}

}  // namespace blis
