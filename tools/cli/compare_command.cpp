// blis compare: a grid of configurations, or a search among them.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "scenarios/document.h"
#include "sim/input_error.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/cli/interrupt.h"
#include "tools/cli/jobs_flag.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/output/progress_bar.h"
#include "tools/output/text_table.h"
#include "tools/report/result_folder.h"
#include "tools/simulate/memory.h"
#include "tools/simulate/pool.h"
#include "tools/study/compare/compare_report.h"
#include "tools/study/compare/comparison.h"
#include "tools/study/compare/figures.h"
#include "tools/study/compare/find_rate.h"
#include "tools/study/compare/left_undone.h"

namespace blis {
namespace {

[[noreturn]] void refuse_at(const std::string& place, std::string message, std::string expected) {
  throw InputError(ErrorKind::usage,
                   {.place = {place}, .message = std::move(message), .expected = std::move(expected)});
}

// From the files named and the flags beside them.
Sweep sweep_of(const Invocation& invocation) {
  Sweep sweep;
  for (const std::string& path : invocation.arguments) {
    const std::string text = path == "-" ? std::string() : read_file(path, "scenario or sweep");
    if (path == "-" || !is_sweep(text, path)) {
      sweep.scenarios.push_back(path);
      continue;
    }
    if (invocation.arguments.size() > 1)
      refuse_at(path, "a sweep is compared alone", "one sweep, or scenarios");
    sweep = parse_sweep(text, path, std::filesystem::path(path).parent_path().string());
  }
  std::vector<std::string> varied;  // by flags, which replace what the sweep's file varies
  for (const Given* given : invocation.all("vary")) {
    Axis axis = parse_vary(given->value, key_of_flag);
    for (const std::string& key : axis.keys) {
      if (std::ranges::find(varied, key) != varied.end()) {
        refuse_at(given->shown, fmt::format("`{}` varies twice", key), "one --vary with all its values");
      }
      varied.push_back(key);
    }
    add_axis(sweep, std::move(axis));
  }
  for (Override& override : overrides_of(invocation)) sweep.set.push_back(std::move(override));
  if (const Given* const given = invocation.find("seeds"))
    sweep.seeds = parse_seeds(given->value, given->shown);
  for (const Given* given : invocation.all("price")) sweep.prices.push_back(parse_price(given->value));
  if (const Given* const given = invocation.find("pareto")) {
    sweep.objectives.clear();
    for (std::size_t start = 0; start <= given->value.size();) {
      const std::size_t end = std::min(given->value.find(',', start), given->value.size());
      sweep.objectives.push_back({given->value.substr(start, end - start), given->shown});
      start = end + 1;
    }
  }
  return sweep;
}

Goal goal_of(const Invocation& invocation, Sweep& sweep) {
  const Given* const find = invocation.find("find");
  if (find == nullptr) return Goal::compare;
  if (find->value == "max-rate") return Goal::max_rate;
  if (find->value != "min-gpus" && find->value != "min-cost") {
    refuse_at(find->shown, "there is no such goal", "max-rate, min-gpus or min-cost");
  }
  if (sweep.axes.empty() && sweep.scenarios.size() == 1) {
    add_axis(sweep, parse_vary("engine.tensor_parallel_size=1,2,4,8"));
    add_axis(sweep, parse_vary("replicas=1,2,3,4,6,8,12,16"));
  }
  return find->value == "min-gpus" ? Goal::min_gpus : Goal::min_cost;
}

bool has_price(const std::vector<PointResult>& points) {
  return std::ranges::all_of(points, [](const PointResult& point) {
    return !point.feasible() || point.resolved->scenario.hardware.price_usd_per_gpu_hour;
  });
}

// What the user asked for, or what most people mean.
std::vector<std::size_t> objectives_of(CompareReport& report) {
  const bool priced = has_price(report.points);
  std::vector<std::size_t> figures;
  for (const Objective& objective : report.sweep.objectives) {
    const std::size_t figure = figure_index(objective.key, objective.shown);
    if (figure_kinds()[figure].better == Better::neither) {
      refuse_at(objective.shown,
                fmt::format("more or less of `{}` is neither better nor worse", objective.key),
                "p99_ttft_ms, output_throughput, gpus, usd_per_million_output_tokens, ...");
    }
    if (objective.key.starts_with("usd_") && !priced) {
      report.warnings.push_back(
          fmt::format("`{}` needs your price of every GPU (--price GPU=USD, or `prices:`) and is left out",
                      objective.key));
      continue;
    }
    figures.push_back(figure);
  }
  const bool cost_alone = figures.size() < 2 && report.sweep.objectives.size() > figures.size();
  if (!figures.empty() && !cost_alone) return figures;
  const std::size_t first = report.goal == Goal::min_gpus   ? figure_index("gpus")
                            : report.goal == Goal::min_cost ? figure_index("usd_per_hour")
                            : priced                        ? figure_index("usd_per_million_output_tokens")
                                                            : figure_index("output_throughput_per_gpu");
  return {first, figures.empty() ? figure_index("p99_ttft_ms") : figures[0]};
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
  const std::string file = folder->value + "/compare.json";
  std::error_code ignored;
  if (const std::string run = folder->value + "/result.json"; std::filesystem::exists(run, ignored)) {
    throw InputError(ErrorKind::usage, {.place = {.file = run},
                                        .message = "there is the result of a run already",
                                        .hint = "`-o` names another folder"});
  }
  if (std::filesystem::exists(file, ignored) && !invocation.has("force") && !invocation.has("resume")) {
    throw InputError(ErrorKind::usage,
                     {.place = {.file = file},
                      .message = "there is a comparison already",
                      .hint = "`--resume` completes it, `--force` replaces it; `-o` names another folder"});
  }
  return lock;
}

std::vector<std::string> warnings_of(const CompareReport& report) {
  std::vector<std::string> sentences;
  std::vector<std::size_t> counts;
  std::size_t simulated = 0;
  for (const PointResult& point : report.points) {
    if (point.runs.empty()) continue;
    ++simulated;
    for (const std::string& warning : point.runs[0].warnings) {
      const auto found = std::ranges::find(sentences, warning);
      if (found == sentences.end()) {
        sentences.push_back(warning);
        counts.push_back(1);
      } else {
        ++counts[static_cast<std::size_t>(found - sentences.begin())];
      }
    }
  }
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    if (counts[i] < simulated) sentences[i] += fmt::format(" ({} of {} points)", counts[i], simulated);
  }
  return sentences;
}

void write_folder(const std::string& folder, const CompareReport& report) {
  std::filesystem::remove(folder + "/compare.json");
  write_file(folder + "/sweep.resolved.yaml", to_yaml(report.sweep, folder));
  write_file(folder + "/points.csv", to_csv(report));
  write_file(folder + "/compare.json", to_json(report));  // last: its presence says "complete"
}

// With --fail-on-slo some point must have an SLO.
void require_gate(const Invocation& invocation, const std::vector<PointResult>& points) {
  const Given* const gate = invocation.find("fail-on-slo");
  const auto judged = [](const PointResult& point) { return !point.targets.empty(); };
  if (gate == nullptr || std::ranges::any_of(points, judged)) return;
  const auto resolved = std::ranges::find_if(points, &PointResult::feasible);
  if (resolved != points.end()) require_targets(resolved->resolved->scenario.slo, gate->shown);
}

// As many runs at a time as there are threads, each as large as the largest.
void require_memory_for(const CompareReport& report, int threads) {
  const std::optional<double> available = available_memory();
  const auto runs = report.points.size() * std::max<std::size_t>(report.sweep.seeds.size(), 1);
  const int at_a_time = static_cast<int>(std::min<std::size_t>(runs, static_cast<std::size_t>(threads)));
  for (const PointResult& point : report.points) {
    if (point.feasible()) require_memory(point.resolved->scenario.workload.spec, at_a_time, available);
  }
}

ExitCode status_of(const Invocation& invocation, const CompareReport& report) {
  if (report.interrupted) return ExitCode::interrupted;
  if (std::ranges::none_of(report.points, &PointResult::feasible)) return ExitCode::infeasible;
  const bool kept = std::ranges::any_of(
      report.rows, [](const Row& row) { return row.status == Status::ok && row.met && !row.limits.empty(); });
  return invocation.has("fail-on-slo") && !kept ? ExitCode::gate_failed : ExitCode::ok;
}

std::string (*writer_of(const Invocation& invocation))(const CompareReport&) {
  const std::string format = invocation.value_of("output-format", "text");
  if (format == "text") return [](const CompareReport& report) { return to_text(report, table_width()); };
  if (format == "json") return [](const CompareReport& report) { return to_json(report); };
  if (format == "csv") return [](const CompareReport& report) { return to_csv(report); };
  refuse_at("--output-format " + format, "there is no such output format here", "text, json or csv");
}

}  // namespace

ExitCode compare_command(const Invocation& invocation) {
  keep_freed_memory();
  const auto write = writer_of(invocation);
  const int threads = jobs_of(invocation);
  CompareReport report;
  report.sweep = sweep_of(invocation);
  report.goal = goal_of(invocation, report.sweep);
  const Catalog catalog = catalog_of(invocation);
  report.points = prepare_points(report.sweep, expand(report.sweep), catalog, threads);
  require_memory_for(report, threads);
  require_gate(invocation, report.points);
  report.objectives = objectives_of(report);
  const Given* const sort = invocation.find("sort-by");
  report.sort_by = sort ? figure_index(sort->value, sort->shown) : report.objectives[0];
  report.descending = figure_kinds()[report.sort_by].better == Better::more;
  const std::optional<FolderLock> lock = prepare_folder(invocation);
  const std::string folder = lock ? invocation.find("result-dir")->value : "";

  const bool quiet = invocation.has("quiet");
  ProgressBar bar(!quiet && !invocation.has("no-progress") && !invocation.has("disable-tqdm"));
  watch_for_interrupt();
  const Given* const detect = invocation.find("detect-warmup");
  Runner runner({.threads = threads,
                 .detect_warmup = detect == nullptr || detect->value == "true",
                 .going_on = [] { return !interrupted(); }},
                bar);
  const PointStore store(folder, catalog.folder());
  const bool resume = invocation.has("resume");
  switch (report.goal) {
    case Goal::compare:
      runner.expect(static_cast<std::size_t>(std::ranges::count_if(report.points, &PointResult::feasible)) *
                    std::max<std::size_t>(report.sweep.seeds.size(), 1));
      simulate_points(report.points,
                      {.seeds = report.sweep.seeds,
                       .stop_dominated = invocation.has("stop-dominated"),
                       .objectives = report.objectives},
                      runner, store, resume);
      break;
    case Goal::max_rate:
      find_max_rate(report.points, report.sweep.seeds, runner, store, resume);
      break;
    case Goal::min_gpus:
    case Goal::min_cost:
      report.cheapest =
          find_cheapest(report.points, report.goal == Goal::min_gpus ? Least::gpus : Least::usd_per_hour,
                        report.sweep.seeds, runner, store, resume);
      break;
  }
  bar.clear();
  report.interrupted = interrupted();
  for (std::string& warning : warnings_of(report)) report.warnings.push_back(std::move(warning));
  finish(report);

  if (!quiet) {
    say_warnings(report.warnings);
    if (report.interrupted) {
      fmt::print(stderr, "warning: interrupted: {}{}\n", left_undone(report),
                 folder.empty() ? "" : "; the same command with --resume runs the rest");
    }
  }
  if (!folder.empty()) write_folder(folder, report);
  write_to_stdout(write(report));
  return status_of(invocation, report);
}

}  // namespace blis
