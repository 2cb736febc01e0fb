#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "scenarios/document.h"
#include "scenarios/placed_error.h"
#include "tools/simulate/pool.h"
#include "tools/study/compare/point_result.h"

namespace blis {
namespace {

// The GPUs of each pool, and where a scenario says them.
std::vector<std::pair<HardwareSettings*, std::string>> hardware_of(ScenarioSettings& scenario) {
  if (scenario.pools.empty()) return {{&scenario.hardware, "hardware"}};
  std::vector<std::pair<HardwareSettings*, std::string>> all;
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    all.emplace_back(&scenario.pools[i].hardware, fmt::format("pools.{}.hardware", i));
  }
  return all;
}

struct ScenarioFile {
  std::string path, text, folder;
};

ScenarioFile read_scenario_file(const std::string& path) {
  if (path.empty()) return {"flags", "", ""};
  if (path == "-") return {"<stdin>", {std::istreambuf_iterator<char>(std::cin), {}}, ""};
  return {path, read_file(path, "scenario"), std::filesystem::path(path).parent_path().string()};
}

// Problems of many points, each once.
class Problems {
 public:
  void add(const InputError& error) {
    for (const Problem& problem : error.problems()) {
      const std::string text = to_string(problem);
      if (std::ranges::find(texts_, text) != texts_.end()) continue;
      texts_.push_back(text);
      problems_.push_back(problem);
      kind_ = error.kind();
    }
  }
  void check() {
    if (!problems_.empty()) throw InputError(kind_, std::move(problems_));
  }

 private:
  std::vector<std::string> texts_;
  std::vector<Problem> problems_;
  ErrorKind kind_ = ErrorKind::usage;
};

}  // namespace

std::string reason_of(const InputError& error) {
  std::string text;
  for (const Problem& problem : error.problems()) {
    if (!text.empty()) text += "; ";
    text += problem.message;
    if (!problem.got.empty()) text += fmt::format(": {}", problem.got);
    if (!problem.expected.empty()) text += fmt::format(" (needs {})", problem.expected);
    if (!problem.hint.empty() && error.kind() == ErrorKind::infeasible)
      text += fmt::format(": {}", problem.hint);
  }
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::vector<PointResult> prepare_points(const Sweep& sweep, const std::vector<Point>& points,
                                        const Catalog& catalog, int threads) {
  std::vector<ScenarioFile> files;
  for (const std::string& path : sweep.scenarios) files.push_back(read_scenario_file(path));

  std::vector<std::optional<ScenarioSettings>> scenarios(points.size());
  std::vector<std::optional<InputError>> errors(points.size());
  parallel_for(points.size(), threads, [&](std::size_t i) {
    std::vector<Override> overrides = sweep.set;
    overrides.insert(overrides.end(), points[i].settings.begin(), points[i].settings.end());
    const ScenarioFile& file = files[points[i].scenario];
    try {
      scenarios[i] = parse_settings(file.text, file.path, file.folder, overrides);
    } catch (const InputError& error) {
      errors[i] = error;
    }
  });
  Problems problems;
  for (const auto& error : errors) {
    if (error) problems.add(*error);
  }
  problems.check();

  // Names that nobody knows are mistakes, not points that do not fit.
  std::map<std::string, std::string, std::less<>> gpu_names;
  std::set<std::tuple<std::string, std::string, std::optional<std::string>, bool>> models;
  const auto attempt = [&](auto look_up) {
    try {
      look_up();
    } catch (const InputError& error) {
      problems.add(error);
    }
  };
  for (auto& scenario : scenarios) {
    for (const auto& [hardware, key] : hardware_of(*scenario)) {
      const std::string& gpu = hardware->gpu;
      if (gpu_names.contains(gpu)) continue;
      gpu_names[gpu];
      attempt([&, &key = key] {
        gpu_names[gpu] = catalog.hardware(gpu, origin_place(scenario->origins, key + ".gpu")).name;
      });
    }
    attempt([&] {
      const ModelRules rules = model_rules(*scenario);
      const bool is_new = models
                              .emplace(scenario->model, scenario->folder, scenario->engine.vllm_version,
                                       rules.allow_unmodelled)
                              .second;
      if (!is_new) return;
      catalog.model(scenario->model, scenario->folder, origin_place(scenario->origins, "model"), rules);
    });
  }
  std::map<std::string, double, std::less<>> prices;
  for (const Price& price : sweep.prices) {
    attempt([&] { prices[catalog.hardware(price.gpu, {price.shown}).name] = price.usd_per_hour; });
  }
  problems.check();

  const auto bands = std::make_shared<const ErrorBands>(read_error_bands(catalog));
  std::vector<PointResult> results(points.size());
  parallel_for(points.size(), threads, [&](std::size_t i) {
    PointResult& result = results[i];
    ScenarioSettings& scenario = *scenarios[i];
    result.point = points[i];
    result.targets = slo_targets(scenario.slo);
    for (const auto& [hardware, key] : hardware_of(scenario)) {
      const auto price = prices.find(gpu_names.at(hardware->gpu));
      if (price == prices.end()) continue;
      hardware->price_usd_per_gpu_hour = price->second;
      scenario.origins[key + ".price_usd_per_gpu_hour"] = "prices";
    }
    try {
      auto resolved = std::make_shared<ResolvedScenario>(resolve(scenario, catalog));
      make_latency_model(*resolved);
      if (resolved->latency->scored && resolved->not_modelled.empty()) result.bands = bands;
      result.resolved = std::move(resolved);
    } catch (const InputError& error) {
      if (error.kind() == ErrorKind::io) throw;
      result.reason = reason_of(error);
      errors[i] = error;
    }
  });
  // Settings that no point can start with are a mistake in what all of them share.
  const bool none_starts = std::ranges::all_of(
      errors, [](const auto& error) { return error && error->kind() == ErrorKind::usage; });
  if (none_starts) {
    for (const auto& error : errors) problems.add(*error);
    problems.check();
  }
  return results;
}

}  // namespace blis
