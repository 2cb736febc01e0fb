// blis accuracy: measured runs, simulated and compared.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "blis/version.hpp"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/cli/jobs_flag.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/output/progress_bar.h"
#include "tools/score/bands.h"
#include "tools/score/case_reader.h"
#include "tools/score/cluster_score.h"
#include "tools/score/scoreboard.h"

namespace blis {
namespace {

[[noreturn]] void reject(const Given& given, std::string message, std::string expected) {
  throw InputError(ErrorKind::usage, Problem{.place = {given.shown},
                                             .message = std::move(message),
                                             .expected = std::move(expected),
                                             .got = given.value});
}

int count_of(const Invocation& invocation, std::string_view option, int fallback) {
  const Given* given = invocation.find(option);
  if (!given) return fallback;
  const std::optional<std::int64_t> count = whole_number(*given, 1, 1000);
  if (!count) reject(*given, "this is no count", "a whole number from 1 to 1000");
  return static_cast<int>(*count);
}

// A bad row costs its case alone, but there must be a case.
std::vector<MeasuredCase> readable(std::vector<MeasuredCase> cases, const std::vector<std::string>& folders) {
  if (!std::ranges::all_of(cases, [](const MeasuredCase& c) { return !c.problem.empty(); })) return cases;
  throw InputError(ErrorKind::io, Problem{.place = {folders.front()},
                                          .message = "no case can be read",
                                          .expected = "rows of cases.jsonl (docs/accuracy.md)",
                                          .got = cases.empty() ? "none" : cases.front().problem});
}

// runs, curves, all, or the name of a family.
std::vector<MeasuredCase> chosen(std::vector<MeasuredCase> cases, const Invocation& invocation) {
  if (const Given* given = invocation.find("families")) {
    const std::string& wanted = given->value;
    std::erase_if(cases, [&](const MeasuredCase& c) {
      return !(wanted == "all" || wanted == (c.is_curve() ? "curves" : "runs") || wanted == c.family);
    });
    if (cases.empty())
      reject(*given, "there is no such family", "runs, curves, all or a family of the cases");
  } else {
    std::erase_if(cases, &MeasuredCase::is_curve);
  }
  if (const Given* given = invocation.find("cases")) {
    std::erase_if(cases, [&](const MeasuredCase& c) { return c.id.find(given->value) == std::string::npos; });
    if (cases.empty()) reject(*given, "no case has this in its id", "a part of an id");
  }
  return cases;
}

bool wants_json(const Invocation& invocation) {
  return invocation.has("json") || json_wanted(invocation);
}

// Clusters are scored by themselves: their loads are drawn, and what counts is the spread over draws.
ExitCode score_clusters(const Invocation& invocation) {
  constexpr int kDraws = 5;
  std::vector<ClusterCase> cases;
  for (const std::string& folder : invocation.arguments) {
    std::ranges::move(read_cluster_cases(folder), std::back_inserter(cases));
  }
  if (const Given* given = invocation.find("cases")) {
    std::erase_if(cases, [&](const ClusterCase& c) { return c.id.find(given->value) == std::string::npos; });
    if (cases.empty()) reject(*given, "no case has this in its id", "a part of an id");
  }
  for (const char* const other : {"families", "leave-one-out", "bands"}) {
    if (const Given* given = invocation.find(other)) {
      reject(*given, "benchmarks of clusters have none of this", "a folder of runs of one engine");
    }
  }
  ProgressBar bar(!invocation.has("quiet"));
  AccuracyOptions options;
  options.seeds = count_of(invocation, "draws", kDraws);
  options.threads = jobs_of(invocation);
  options.overrides = overrides_of(invocation);
  options.progress = [&bar](std::size_t done, std::size_t all) { bar.show_runs(done, all); };
  const std::vector<ClusterOutcome> outcomes = simulate_clusters(cases, catalog_of(invocation), options);
  bar.clear();
  if (wants_json(invocation)) {
    write_to_stdout(to_json(outcomes));
  } else {
    show(to_text(outcomes, invocation.has("by-stage")));
  }
  return ExitCode::ok;
}

}  // namespace

ExitCode accuracy_command(const Invocation& invocation) {
  const bool json = wants_json(invocation);
  const std::vector<std::string>& folders = invocation.arguments;
  if (std::ranges::all_of(folders, is_cluster_folder)) return score_clusters(invocation);
  const std::vector<MeasuredCase> cases = chosen(readable(read_cases(folders), folders), invocation);
  AccuracyOptions options;
  options.seeds = count_of(invocation, "draws", options.seeds);
  options.threads = jobs_of(invocation);
  ProgressBar bar(!invocation.has("quiet"));
  options.progress = [&bar](std::size_t done, std::size_t all) { bar.show_runs(done, all); };
  options.overrides = overrides_of(invocation);
  const Catalog catalog = catalog_of(invocation);
  Scoreboard board = make_scoreboard(simulate_cases(cases, catalog, options), folders);
  board.kv = score_kv(read_kv_logs(folders), cases, catalog, options);
  if (const Given* given = invocation.find("leave-one-out")) {
    if (given->value == "families") {
      board.left_out = leave_families_out(cases, catalog, options);
    } else if (given->value == "gpus") {
      const Given* catalogs = invocation.find("left-out-data");
      if (!catalogs)
        reject(*given, "leaving GPUs out needs --left-out-data",
               "the folder that tools/score/fit/fit.py --leave-out wrote");
      board.left_out = leave_gpus_out(cases, catalog, catalogs->value, options);
    } else {
      reject(*given, "nothing of this kind can be left out", "families or gpus");
    }
  }
  board.bands = error_bands(board.cases, board.left_out, &board.tested);
  bar.clear();
  if (const Given* given = invocation.find("bands")) {
    const std::string runs = fmt::format(
        "{} measured runs and curves, scored by blis {} (blis accuracy --bands)",
        std::ranges::count_if(cases, [](const MeasuredCase& c) { return !c.overload && c.judged(); }),
        version());
    write_file(given->value, to_json(board.bands, runs));
  }
  if (json) {
    write_to_stdout(to_json(board));
  } else {
    show(to_text(board, invocation.has("by-stage")));
  }
  return ExitCode::ok;
}

}  // namespace blis
