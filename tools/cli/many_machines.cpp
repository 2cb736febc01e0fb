#include "tools/cli/many_machines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "blis/error.hpp"
#include "scenarios/data_folder.h"
#include "scenarios/scenario_paths.h"
#include "tools/cli/flag_overrides.h"
#include "tools/cli/interrupt.h"
#include "tools/cli/submit.h"
#include "tools/output/output_file.h"
#include "tools/output/shell_word.h"
#include "tools/report/result_folder.h"
#include "tools/study/compare/comparison_folder.h"

namespace blis {
namespace {

[[noreturn]] void refuse_flag(const std::string& place, std::string message, std::string expected) {
  throw InputError(ErrorKind::usage,
                   {.place = {place}, .message = std::move(message), .expected = std::move(expected)});
}

// Of what is running, or, where nobody knows, what a shell will find.
std::string program_path() {
  const std::filesystem::path path = this_program();
  return path.empty() ? "blis" : path.string();
}

std::filesystem::path absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal();
}

// As seen from the folder, if it lies there.
std::optional<std::string> within(const std::string& folder, const std::string& path) {
  const std::filesystem::path inside = absolute(path).lexically_relative(folder);
  if (inside.empty() || *inside.begin() == "..") return std::nullopt;
  return inside.string();
}

// Of all files that are read, for machines that have nothing but the folder.
void require_within(const std::string& folder, const Given& given, const Invocation& invocation,
                    const CompareReport& prepared) {
  const auto require = [&](const std::string& path) {
    if (within(folder, path)) return;
    throw InputError(ErrorKind::usage,
                     {.place = {given.shown},
                      .message = "its machines see nothing of this one but the folder of -o",
                      .expected = "all files that are read in " + folder,
                      .got = absolute(path).string(),
                      .hint = "copy it into that folder first, and name the copy"});
  };
  for (const std::string& scenario : prepared.sweep.scenarios) {
    if (!scenario.empty()) require(scenario);
  }
  for (const Given* const data : invocation.all("data-dir")) require(data->value);
  for (const PointResult& point : prepared.points) {
    if (!point.feasible()) continue;
    ScenarioSettings settings = point.resolved->scenario;
    for_each_path(settings, [&](std::string& path) { require(located(settings.folder, path)); });
  }
}

// The flags that change what is simulated, or how it is written, and are no keys of a sweep.
std::vector<std::string> flags_beside_sweep(const Invocation& invocation, const std::string& folder) {
  std::vector<std::string> flags;
  const auto add = [&](const char* flag, const Given* given) {
    if (given != nullptr) flags.insert(flags.end(), {flag, given->value});
  };
  add("--find", invocation.find("find"));
  for (const Given* const given : invocation.all("sort-by")) add("--sort-by", given);
  for (const Given* const given : table_columns_of(invocation)) add("--columns", given);
  for (const Given* const data : invocation.all("data-dir")) {
    flags.insert(flags.end(),
                 {"--data-dir", within(folder, data->value).value_or(absolute(data->value).string())});
  }
  return flags;
}

}  // namespace

ExitCode simulate_shard(const Invocation& invocation, const Shard& shard, const CompareReport& prepared,
                        ComparisonRequest request, const Catalog& catalog, ProgressBar& bar) {
  const Given* const given = invocation.find("shard");
  for (const char* const option : {"merge", "fail-on-slo", "output-format"}) {
    if (const Given* const other = invocation.find(option)) {
      refuse_flag(other->shown, fmt::format("`{}` is a part of a comparison", given->shown),
                  fmt::format("`--{}` where the parts are merged", option));
    }
  }
  const Given* const folder = invocation.find("result-dir");
  if (folder == nullptr) refuse_flag(given->shown, "a shard needs a folder for its points", "-o FOLDER");
  make_folder(folder->value + "/points");
  make_folder(folder->value + "/shards");
  require_no_other_result(folder->value, invocation.has("force") || invocation.has("resume"));
  request.folder = folder->value;
  watch_for_interrupt();
  const ShardOutcome outcome = run_shard(prepared, shard, request, catalog, bar);
  write_to_stdout(fmt::format("shard {} of {}: {} of its {} points are in {}/points\n", shard.index,
                              shard.count, outcome.finished, outcome.points, folder->value));
  if (!outcome.interrupted) return ExitCode::ok;
  fmt::print(stderr, "warning: interrupted; the same command simulates the rest\n");
  return ExitCode::interrupted;
}

ExitCode submit_comparison(const Invocation& invocation, const CompareReport& prepared,
                           const ComparisonRequest& request) {
  constexpr std::size_t kShards = 64;
  const Given* const given = invocation.find("submit");
  const ClusterSystem& system = find_cluster_system(given->value, given->shown);
  for (const char* const option : {"merge", "shard", "fail-on-slo", "output-format", "resume"}) {
    if (const Given* const other = invocation.find(option)) {
      refuse_flag(other->shown, fmt::format("`{}` only writes what starts the shards", given->shown),
                  "one of the two");
    }
  }
  require_independent_points(prepared, request);
  if (std::ranges::find(prepared.sweep.scenarios, "-") != prepared.sweep.scenarios.end()) {
    refuse_flag(given->shown, "other machines cannot read this standard input", "a scenario in a file");
  }
  const Given* const folder = invocation.find("result-dir");
  if (folder == nullptr) refuse_flag(given->shown, "there is no folder for what is written", "-o FOLDER");
  Submission submission{.folder = absolute(folder->value).string(),
                        .program = program_path(),
                        .flags = flags_beside_sweep(invocation, absolute(folder->value).string()),
                        .shards = std::min(kShards, prepared.points.size())};
  if (const Given* const shards = invocation.find("shards")) {
    const auto number = whole_number(*shards, 1, static_cast<std::int64_t>(kMostShards));
    if (!number)
      refuse_flag(shards->shown, "this is no number of shards", fmt::format("1 to {}", kMostShards));
    submission.shards = static_cast<std::size_t>(*number);
  }
  if (system.own_disk) require_within(submission.folder, *given, invocation, prepared);
  make_folder(submission.folder);
  require_no_other_result(submission.folder, invocation.has("force"));
  write_file(submission.folder + "/sweep.yaml", to_yaml(prepared.sweep, submission.folder));
  for (const SubmittedFile& file : system.files(submission)) {
    write_file(submission.folder + "/" + file.name, file.text);
  }
  const std::string command =
      fmt::format("cd {} && {}", shell_word(submission.folder), system.command(submission));
  write_to_stdout(command + "\n");
  if (!invocation.has("yes")) return ExitCode::ok;
  if (std::system(command.c_str()) == 0) return ExitCode::ok;
  throw InputError(ErrorKind::io, {.place = {given->shown},
                                   .message = "starting the shards failed",
                                   .hint = "what was written is in " + submission.folder});
}

std::vector<std::string> merged_folders(const Invocation& invocation) {
  std::vector<std::string> folders;
  for (const Given* given : invocation.all("merge")) folders.push_back(given->value);
  return folders;
}

}  // namespace blis
