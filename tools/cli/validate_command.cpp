// blis validate: reads files as a run would, and says what is wrong with each.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>

#include "blis/error.hpp"
#include "roofline/model_card.h"
#include "scenarios/build.h"
#include "scenarios/calibration_file.h"
#include "scenarios/document.h"
#include "scenarios/profile_reader.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/conform/vectors.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/simulate/pool.h"
#include "tools/study/compare/figures.h"
#include "tools/study/compare/point_result.h"
#include "workloads/workload.h"

namespace blis {
namespace {

// Takes requests from a source, up to `most`; where what comes next depends on answers, each comes at once.
std::int64_t drained(RequestSource& source, std::int64_t most) {
  RequestSpec spec;
  std::int64_t count = 0;
  if (!source.has_feedback()) {
    while (count < most && source.next(spec)) ++count;
    return count;
  }
  while (count < most && source.next_arrival() != kNever && source.next(spec)) {
    source.on_ended(static_cast<RequestIndex>(count++), spec.arrival, Outcome::completed, spec.output_tokens);
  }
  return count;
}

// `text`, and what would be left out.
std::string and_not_modelled(const std::string& text, const std::vector<std::string>& not_modelled) {
  if (not_modelled.empty()) return text;
  return fmt::format("{}; not modelled: {}", text, fmt::join(not_modelled, "; "));
}

// Users whose answers decide how many requests there are, where only the time is bounded.
std::int64_t users_of(const WorkloadSpec& workload) {
  const auto* const spec = std::get_if<SyntheticSpec>(&workload.kind);
  if (spec == nullptr || spec->num_requests) return 0;
  const auto users = [](const std::optional<ArrivalSpec>& arrival) {
    return arrival && arrival->process == ArrivalSpec::Process::closed_loop ? arrival->users : 0;
  };
  std::int64_t all = users(spec->arrival);
  for (const ClientSpec& client : spec->clients) all += users(client.arrival);
  return all;
}

// "7 requests". A trace is read to its end, for its mistakes; what is drawn has none.
std::string described(const WorkloadSpec& workload, RequestSource& source) {
  constexpr std::int64_t kMostDrawn = 1'000'000;
  if (std::holds_alternative<TraceSpec>(workload.kind)) {
    return fmt::format("{} requests", drained(source, std::numeric_limits<std::int64_t>::max()));
  }
  if (const std::int64_t users = users_of(workload); users > 0) {
    return fmt::format("as many requests as {} users send in {:g} s", users,
                       *std::get<SyntheticSpec>(workload.kind).duration_s);
  }
  const std::int64_t count = drained(source, kMostDrawn);
  if (count < kMostDrawn) return fmt::format("{} requests", count);
  if (const auto expected = source.expected()) return fmt::format("{} requests", *expected);
  return fmt::format("{} requests or more", count);
}

// What each kind of file turned out to hold.
std::string check_scenario(const std::string& path, const Invocation& invocation) {
  const BuiltSimulation built = build(read_settings(path, overrides_of(invocation)), catalog_of(invocation));
  return and_not_modelled("scenario, " + described(located_workload(built.scenario()), *built.source),
                          built.resolved.not_modelled);
}
std::string check_workload(const std::string& path) {
  const ScenarioSettings scenario = read_settings(path, {}, Scope::traffic);
  const WorkloadSpec workload = located_workload(scenario);
  return "workload, " + described(workload, *open_workload(workload));
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
  ScenarioSettings scenario;
  scenario.latency.calibration = path;
  apply_calibration(scenario);
  const auto set = std::ranges::count_if(calibration_constants(), [&](const CalibrationConstant& constant) {
    return constant.in(scenario.latency).has_value();
  });
  return fmt::format("calibration, {} constants", set);
}
std::string check_model(const std::string& path, const Invocation& invocation) {
  const ModelRules rules{.allow_unmodelled = invocation.is_on("allow-unmodelled")};
  const ModelConfig model = read_model_config(path, rules);
  return and_not_modelled("model config, " + card_line(model_card(model)), model.not_modelled);
}
std::string check_hardware(const std::string& path) {
  return fmt::format("hardware catalog, {} GPUs", read_all_hardware(path).size());
}
std::string check_trace(const std::string& path) {
  WorkloadSpec spec;
  spec.kind = TraceSpec{.path = path};
  return "trace, " + described(spec, *open_workload(spec));
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
      show(fmt::format("{}: {}\n", path, check(path, invocation)));
    } catch (const InputError& error) {
      say_problems(error);
      if (status == ExitCode::ok) status = exit_code(error.kind());
    }
  }
  return status;
}

}  // namespace blis
