// blis validate: reads files as a run would, and says what is wrong with each.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>

#include "scenarios/build.h"
#include "scenarios/calibration_file.h"
#include "scenarios/document.h"
#include "scenarios/profile_reader.h"
#include "sim/input_error.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/conform/vectors.h"
#include "tools/output/output_file.h"
#include "tools/simulate/pool.h"
#include "tools/study/compare/figures.h"
#include "tools/study/compare/point_result.h"
#include "workloads/workload.h"

namespace blis {
namespace {

// Takes every request from a source; where what comes next depends on answers, each comes at once.
std::int64_t drained(RequestSource& source) {
  RequestSpec spec;
  std::int64_t count = 0;
  if (!source.has_feedback()) {
    while (source.next(spec)) ++count;
    return count;
  }
  while (source.next_arrival() != kNever && source.next(spec)) {
    source.on_ended(static_cast<RequestIndex>(count++), spec.arrival, Outcome::completed, spec.output_tokens);
  }
  return count;
}

// `text`, and what of the model would be left out.
std::string and_not_modelled(const std::string& text, const ModelConfig& model) {
  if (model.not_modelled.empty()) return text;
  return fmt::format("{}; not modelled: {}", text, fmt::join(model.not_modelled, "; "));
}

// What each kind of file turned out to hold.
std::string check_scenario(const std::string& path, const Invocation& invocation) {
  const BuiltSimulation built = build(read_scenario(path, overrides_of(invocation)), catalog_of(invocation));
  return and_not_modelled(fmt::format("scenario, {} requests", drained(*built.source)), built.resolved.model);
}
std::string check_workload(const std::string& path) {
  const Scenario scenario = read_scenario(path, {}, Scope::traffic);
  return fmt::format("workload, {} requests", drained(*open_workload(located_workload(scenario))));
}
std::string check_sweep(const std::string& path, std::string_view text, const Invocation& invocation) {
  Sweep sweep = parse_sweep(text, path, std::filesystem::path(path).parent_path().string());
  for (Override& setting : overrides_of(invocation)) sweep.set.push_back(std::move(setting));
  const std::vector<PointResult> points =
      prepare_points(sweep, expand(sweep), catalog_of(invocation), hardware_threads());
  for (const Objective& objective : sweep.objectives) figure_index(objective.key, objective.shown);
  const std::string all =
      points.size() == 1 ? "sweep, 1 point" : fmt::format("sweep, {} points", points.size());
  const std::ptrdiff_t possible = std::ranges::count_if(points, &PointResult::feasible);
  if (possible == std::ssize(points)) return all;
  return fmt::format("{}, of which {} cannot start", all, std::ssize(points) - possible);
}
std::string check_calibration(const std::string& path) {
  Scenario scenario;
  scenario.latency.calibration = path;
  apply_calibration(scenario);
  const auto set = std::ranges::count_if(calibration_constants(), [&](const CalibrationConstant& constant) {
    return constant.in(scenario.latency).has_value();
  });
  return fmt::format("calibration, {} constants", set);
}
std::string check_model(const std::string& path, const Invocation& invocation) {
  const Given* const allowed = invocation.find("allow-unmodelled");
  const ModelRules rules{.allow_unmodelled = allowed && allowed->value == "true"};
  const ModelConfig model = read_model_config(path, rules);
  return and_not_modelled(fmt::format("model config, {} layers", model.layers.count()), model);
}
std::string check_hardware(const std::string& path) {
  return fmt::format("hardware catalog, {} GPUs", read_all_hardware(path).size());
}
std::string check_trace(const std::string& path) {
  WorkloadSpec spec;
  spec.kind = TraceSpec{.path = path};
  return fmt::format("trace, {} requests", drained(*open_workload(spec)));
}

std::string check_vectors(const std::string& path) {
  const std::vector<conform::Vector> vectors = conform::read_vector_file(path);
  std::vector<Problem> problems;
  for (const conform::Vector& vector : vectors) {
    const auto* const broken = std::get_if<conform::UnreadableVector>(&vector.body);
    if (broken != nullptr) problems.insert(problems.end(), broken->problems.begin(), broken->problems.end());
  }
  if (!problems.empty()) throw InputError(ErrorKind::usage, std::move(problems));
  return fmt::format("schedule vectors, {}", vectors.size());
}
std::string check_profile(const std::string& path) {
  const ProfileTables tables = read_profile(path);
  return fmt::format("profile, {} rows",
                     tables.layers.size() + tables.attention.size() + tables.steps.size());
}

// What blis wrote itself, and who reads it again.
struct OwnDocument {
  std::string_view schema, what, readers;
};
constexpr OwnDocument kOwnDocuments[] = {
    {"blis-result/1", "the result of a run", "`blis report`, `blis explain` and `blis diff` read its folder"},
    {"blis-compare/1", "a comparison",
     "`blis report` reads its folder, `blis compare` its sweep.resolved.yaml"},
    {"blis-compare-point/1", "a point of a comparison", "`blis compare --resume` reads its folder"},
    {"blis-", "a document that blis wrote", ""},
};

// The kind of a JSON file by the keys that only it has; a benchmark's result is a trace.
std::string check_json(const std::string& path, const Invocation& invocation) {
  const std::string text = read_file(path, "file");
  const auto has = [&](std::string_view key) { return text.find(key) != std::string::npos; };
  for (const OwnDocument& own : kOwnDocuments) {
    if (!has(fmt::format("\"schema\": \"{}", own.schema))) continue;
    throw InputError(ErrorKind::usage, {.place = {path},
                                        .message = fmt::format("this is {}, not an input", own.what),
                                        .hint = std::string(own.readers)});
  }
  if (has("\"vectors\"")) return check_vectors(path);
  if (has("\"BwPeakTBs\"") || has("\"BwEffTBs\"")) return check_hardware(path);
  if (has("\"model_type\"") || has("\"architectures\"") || has("\"hidden_size\"") || has("\"weight_map\""))
    return check_model(path, invocation);
  return check_trace(path);
}

// A table of step times by the columns that only it has; anything else is a trace.
std::string check_rows(const std::string& path) {
  std::string header;
  if (std::filesystem::path(path).extension() == ".csv") std::getline(std::ifstream(path) >> std::ws, header);
  const bool profile = header.find("time_us") != header.npos || header.find("step_us") != header.npos;
  return profile ? check_profile(path) : check_trace(path);
}

// The kind of a YAML file by its sections: anything that is no other kind is meant as a scenario.
std::string check_yaml(const std::string& path, const Invocation& invocation) {
  const std::string text = read_file(path, "file");
  const Node root = parse_yaml(text, path).root;
  const auto has = [&](std::string_view key) { return root.find(key) != nullptr; };
  if (has("base")) return check_sweep(path, text, invocation);
  if (!has("model") && !has("hardware")) {
    if (has("workload")) return check_workload(path);
    if (has("latency")) return check_calibration(path);
  }
  return check_scenario(path, invocation);
}

std::string check(const std::string& path, const Invocation& invocation) {
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".yaml" || extension == ".yml") return check_yaml(path, invocation);
  if (extension == ".json") return check_json(path, invocation);
  return check_rows(path);
}

}  // namespace

ExitCode validate_command(const Invocation& invocation) {
  ExitCode status = ExitCode::ok;
  for (const std::string& path : invocation.arguments) {
    try {
      write_to_stdout(fmt::format("{}: {}\n", path, check(path, invocation)));
    } catch (const InputError& error) {
      for (const Problem& problem : error.problems()) {
        std::fprintf(stderr, "error: %s\n", to_string(problem).c_str());
      }
      if (status == ExitCode::ok) status = exit_code(error.kind());
    }
  }
  return status;
}

}  // namespace blis
