// blis compare: a grid of configurations, or a search among them.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "blis/error.hpp"
#include "scenarios/document.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/cli/flag_scenario.h"
#include "tools/cli/interrupt.h"
#include "tools/cli/jobs_flag.h"
#include "tools/cli/many_machines.h"
#include "tools/cli/no_scenario.h"
#include "tools/cli/shard_flag.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/output/progress_bar.h"
#include "tools/output/text_table.h"
#include "tools/output/utc_now.h"
#include "tools/report/result_folder.h"
#include "tools/simulate/pool.h"
#include "tools/study/compare/comparison_folder.h"
#include "tools/study/compare/left_undone.h"
#include "tools/study/compare/run_comparison.h"
#include "tools/study/compare/sharded.h"

namespace blis {
namespace {

[[noreturn]] void refuse_at(const std::string& place, std::string message, std::string expected) {
  throw InputError(ErrorKind::usage,
                   {.place = {place}, .message = std::move(message), .expected = std::move(expected)});
}

// The names of all lists "A,B" that an option was given.
std::vector<Objective> names_in(const std::vector<const Given*>& lists) {
  std::vector<Objective> names;
  for (const Given* const given : lists) {
    for (std::size_t start = 0; start <= given->value.size();) {
      const std::size_t end = std::min(given->value.find(',', start), given->value.size());
      names.push_back({given->value.substr(start, end - start), given->shown});
      start = end + 1;
    }
  }
  return names;
}

// From the files named and the flags beside them.
Sweep sweep_of(const Invocation& invocation) {
  Sweep sweep;
  for (const std::string& path : invocation.arguments) {
    refuse_what_is_no_scenario(path);
    const std::string text = path == "-" ? std::string() : read_file(path, "scenario or sweep");
    if (path == "-" || !is_sweep(text, path)) {
      sweep.scenarios.push_back(path);
      continue;
    }
    if (invocation.arguments.size() > 1)
      refuse_at(path, "a sweep is compared alone", "one sweep, or scenarios");
    sweep = parse_sweep(text, path, std::filesystem::path(path).parent_path().string());
  }
  const bool no_file = sweep.scenarios.empty();
  if (no_file) sweep.scenarios.emplace_back();
  std::vector<std::string> varied;  // by flags, which replace what the sweep's file varies
  for (const Given* given : invocation.all("vary")) {
    Axis axis = parse_vary(given->value, key_of_flag);
    for (const std::string& key : axis.keys) {
      if (const std::string meant = flag_meant_by(key); !meant.empty()) {
        throw InputError(ErrorKind::usage,
                         {.place = {given->shown},
                          .message = fmt::format("there is no key or flag `{}`", key),
                          .expected = "a key of the scenario (`blis list keys`), or the name "
                                      "of a flag: tp, gpu, max-num-seqs, request-rate",
                          .got = key,
                          .hint = meant});
      }
      if (std::ranges::find(varied, key) != varied.end()) {
        refuse_at(given->shown, fmt::format("`{}` varies twice", key), "one --vary with all its values");
      }
      varied.push_back(key);
    }
    add_axis(sweep, std::move(axis));
  }
  const bool one_file = sweep.scenarios.size() == 1;
  for (Override& override : no_file    ? flag_scenario(invocation)
                            : one_file ? overrides_for(invocation, sweep.scenarios[0])
                                       : overrides_of(invocation)) {
    sweep.set.push_back(std::move(override));
  }
  if (const Given* const given = invocation.find("seeds"))
    sweep.seeds = parse_seeds(given->value, given->shown);
  for (const Given* given : invocation.all("price")) sweep.prices.push_back(parse_price(given->value));
  if (invocation.has("pareto")) sweep.objectives = names_in(invocation.all("pareto"));
  return sweep;
}

Goal goal_of(const Invocation& invocation) {
  const Given* const find = invocation.find("find");
  if (find == nullptr) return Goal::compare;
  if (find->value == "max-rate") return Goal::max_rate;
  if (find->value != "min-gpus" && find->value != "min-cost") {
    refuse_at(find->shown, "there is no such goal", "max-rate, min-gpus or min-cost");
  }
  return find->value == "min-gpus" ? Goal::min_gpus : Goal::min_cost;
}

// Makes the folder before anything is paid for; nothing without one.
std::optional<FolderLock> prepare_folder(const Invocation& invocation) {
  const Given* const folder = invocation.find("result-dir");
  if (folder == nullptr) {
    if (invocation.has("resume")) refuse_at("--resume", "there is no folder to resume from", "-o FOLDER");
    return {};
  }
  make_folder(folder->value + "/points");
  FolderLock lock(folder->value);
  require_no_other_result(folder->value, invocation.has("force") || invocation.has("resume"));
  return lock;
}

// With --fail-on-slo some point must have an SLO.
void require_gate(const Invocation& invocation, const std::vector<PointResult>& points) {
  const Given* const gate = invocation.find("fail-on-slo");
  const auto judged = [](const PointResult& point) { return !point.targets.empty(); };
  if (gate == nullptr || std::ranges::any_of(points, judged)) return;
  const auto resolved = std::ranges::find_if(points, &PointResult::feasible);
  if (resolved != points.end()) require_targets(resolved->resolved->scenario.slo, gate->shown);
}

ExitCode status_of(const Invocation& invocation, const CompareReport& report) {
  if (report.interrupted) return ExitCode::interrupted;
  if (std::ranges::none_of(report.points, &PointResult::feasible)) return ExitCode::infeasible;
  const bool kept = std::ranges::any_of(
      report.rows, [](const Row& row) { return row.status == Status::ok && row.met && !row.limits.empty(); });
  return invocation.has("fail-on-slo") && !kept ? ExitCode::gate_failed : ExitCode::ok;
}

std::string (*comparison_writer(const Invocation& invocation))(const CompareReport&) {
  const std::string format = invocation.value_of("output-format", "text");
  if (format == "text") return [](const CompareReport& report) { return to_text(report, table_width()); };
  if (format == "markdown") return [](const CompareReport& report) { return to_markdown(report); };
  if (const auto columns = table_columns_of(invocation);
      !columns.empty() && (format == "json" || format == "csv"))
    refuse_at(columns.front()->shown, "of JSON and CSV all figures are written", "text or markdown");
  if (format == "json") return [](const CompareReport& report) { return to_json(report); };
  if (format == "csv") return [](const CompareReport& report) { return to_csv(report); };
  refuse_at("--output-format " + format, "there is no such output format here",
            "text, json, csv or markdown");
}

}  // namespace

ExitCode compare_command(const Invocation& invocation) {
  keep_freed_memory();
  const std::string started = utc_now();
  const auto write = comparison_writer(invocation);
  ComparisonRequest request{.sweep = sweep_of(invocation), .threads = jobs_of(invocation)};
  request.goal = goal_of(invocation);
  request.sort_by = names_in(invocation.all("sort-by"));
  for (Objective& key : request.sort_by) key.key = key_of_flag(key.key);
  request.columns = names_in(table_columns_of(invocation));
  request.detect_warmup = invocation.is_on("detect-warmup");
  request.stop_dominated = invocation.has("stop-dominated");
  request.resume = invocation.has("resume");
  request.going_on = [] { return !interrupted(); };
  const Catalog catalog = catalog_of(invocation);
  CompareReport report = prepare_comparison(request, catalog);
  require_gate(invocation, report.points);
  if (invocation.has("submit")) return submit_comparison(invocation, report, request);
  for (const char* const option : {"shards", "yes"}) {
    if (const Given* const given = invocation.find(option))
      refuse_at(given->shown, "nothing is submitted", "it with --submit slurm, kubernetes, mpi or dask");
  }
  const bool quiet = invocation.has("quiet");
  ProgressBar bar(!quiet && !invocation.has("no-progress") && !invocation.has("disable-tqdm"));
  if (const std::optional<Shard> shard = shard_of(invocation)) {
    return simulate_shard(invocation, *shard, report, std::move(request), catalog, bar);
  }
  const std::optional<FolderLock> lock = prepare_folder(invocation);
  if (lock) request.folder = invocation.find("result-dir")->value;

  watch_for_interrupt();
  const std::vector<std::string> folders = merged_folders(invocation);
  if (folders.empty()) {
    run_comparison(report, request, catalog, bar);
  } else {
    merge_shards(report, folders, request, catalog);
  }

  if (!quiet) {
    say_warnings(report.warnings);
    if (report.interrupted) {
      fmt::print(stderr, "warning: interrupted: {}{}\n", left_undone(report),
                 request.folder.empty() ? "" : "; the same command with --resume runs the rest");
    }
  }
  if (!request.folder.empty())
    write_comparison_folder(request.folder, report, ComparisonFacts{invocation.line, started});
  write_to_stdout(write(report));
  return status_of(invocation, report);
}

}  // namespace blis
