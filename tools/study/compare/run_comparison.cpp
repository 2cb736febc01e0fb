#include "tools/study/compare/run_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "blis/error.hpp"
#include "sim/nearest_name.h"
#include "tools/simulate/memory.h"
#include "tools/study/compare/comparison.h"
#include "tools/study/compare/figures.h"
#include "tools/study/compare/one_warmup.h"
#include "tools/study/compare/steady_rate.h"

namespace blis {
namespace {

bool has_price(const std::vector<PointResult>& points) {
  return std::ranges::all_of(
      points, [](const PointResult& point) { return !point.feasible() || point.resolved->usd_per_hour(); });
}

std::string needs_prices(const std::string& key, std::string_view so) {
  return fmt::format("`{}` needs your price of every GPU (--price GPU=USD, or `prices:`) and {}", key, so);
}

// What the user asked for, or what most people mean.
std::vector<std::size_t> objectives_of(CompareReport& report) {
  const bool priced = has_price(report.points);
  std::vector<std::size_t> figures;
  for (const Objective& objective : report.sweep.objectives) {
    const std::size_t figure = figure_index(objective.key, objective.shown);
    if (figure_kinds()[figure].better == Better::neither) {
      throw InputError(
          ErrorKind::usage,
          {.place = {objective.shown},
           .message = fmt::format("more or less of `{}` is neither better nor worse", objective.key),
           .expected = "p99_ttft_ms, output_throughput, gpus, usd_per_million_output_tokens, ..."});
    }
    if (objective.key.starts_with("usd_") && !priced) {
      report.warnings.push_back(needs_prices(objective.key, "is left out"));
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

// The warnings of the runs, each once, with how many points say it.
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

// As many runs at a time as there are threads, each as large as the largest.
void require_memory_for(const CompareReport& report, int threads) {
  const std::optional<double> available = available_memory();
  const auto runs = report.points.size() * std::max<std::size_t>(report.sweep.seeds.size(), 1);
  const int at_a_time = static_cast<int>(std::min<std::size_t>(runs, static_cast<std::size_t>(threads)));
  for (const PointResult& point : report.points) {
    if (point.feasible()) require_memory(point.resolved->scenario.workload.spec, at_a_time, available);
  }
}

// Rows have an order by what varies, and by figures. Throws InputError (usage) for any other key.
void require_order(const std::string& key, const std::string& shown, const std::vector<std::string>& varied) {
  const auto kinds = figure_kinds();
  if (std::ranges::find(kinds, key, &FigureKind::key) != kinds.end()) return;
  std::vector<std::string> names = varied;
  for (const FigureKind& kind : kinds) names.push_back(kind.key);
  const std::string settings = varied.empty() ? std::string("nothing varies here")
                                              : fmt::format("what varies: {}", fmt::join(varied, ", "));
  throw InputError(ErrorKind::usage,
                   {.place = {shown},
                    .message = fmt::format("`{}` does not vary, and is no figure", key),
                    .expected = settings + "; or a figure: p99_ttft_ms, output_throughput, gpus, ... (`blis "
                                           "list figures` has all)",
                    .got = key,
                    .hint = did_you_mean(key, names)});
}

// As asked, or by the objective that decides.
std::vector<SortKey> sort_keys(const ComparisonRequest& request, const CompareReport& report) {
  std::vector<SortKey> keys;
  const std::vector<std::string> varied = varied_keys(report);
  for (const auto& [key, shown] : request.sort_by) {
    if (std::ranges::find(varied, key) != varied.end()) {
      keys.push_back({.setting = key});
      continue;
    }
    require_order(key, shown, varied);
    keys.push_back({.figure = figure_index(key, shown)});
  }
  if (keys.empty()) keys.push_back({.figure = report.objectives[0]});
  return keys;
}

TableColumns table_columns(const ComparisonRequest& request, CompareReport& report) {
  TableColumns columns;
  const bool unpriced = std::ranges::none_of(report.points, [](const PointResult& point) {
    return point.feasible() && point.resolved->usd_per_hour();
  });
  for (const auto& [key, shown] : request.columns) {
    if (key == "all") {
      columns.all = true;
    } else if (key == "bound_by") {
      columns.bound_by = true;
    } else {
      columns.figures.push_back(figure_index(key, shown));
      if (unpriced && key.starts_with("usd_")) report.warnings.push_back(needs_prices(key, "has no values"));
    }
  }
  return columns;
}

}  // namespace

CompareReport prepare_comparison(const ComparisonRequest& request, const Catalog& catalog) {
  CompareReport report;
  report.goal = request.goal;
  report.sweep = request.sweep;
  if (request.goal == Goal::min_gpus || request.goal == Goal::min_cost) vary_size(report.sweep);
  report.points = prepare_points(report.sweep, expand(report.sweep), catalog, request.threads);
  require_memory_for(report, request.threads);
  report.objectives = objectives_of(report);
  report.sort_by = sort_keys(request, report);
  report.columns = table_columns(request, report);
  return report;
}

void run_comparison(CompareReport& report, const ComparisonRequest& request, const Catalog& catalog,
                    ProgressBar& bar) {
  Runner runner({.threads = request.threads, .going_on = request.going_on}, bar);
  const PointStore store(request.folder, std::make_shared<PointNames>(catalog));
  const std::vector<std::uint64_t>& seeds = report.sweep.seeds;
  if (request.detect_warmup) leave_out_warmup(report, runner, store, request.resume);
  switch (report.goal) {
    case Goal::compare:
      runner.expect(static_cast<std::size_t>(std::ranges::count_if(report.points, &PointResult::feasible)) *
                    std::max<std::size_t>(seeds.size(), 1));
      simulate_points(
          report.points,
          {.seeds = seeds, .stop_dominated = request.stop_dominated, .objectives = report.objectives}, runner,
          store, request.resume);
      break;
    case Goal::max_rate:
      find_steady_rate(report.points, seeds, runner, store, request.resume);
      break;
    case Goal::min_gpus:
    case Goal::min_cost:
      report.cheapest =
          find_cheapest(report.points, report.goal == Goal::min_gpus ? Least::gpus : Least::usd_per_hour,
                        seeds, runner, store, request.resume);
      break;
  }
  bar.clear();
  conclude(report, request);
}

void conclude(CompareReport& report, const ComparisonRequest& request) {
  report.interrupted = !request.going_on();
  for (std::string& warning : warnings_of(report)) report.warnings.push_back(std::move(warning));
  finish(report);
}

}  // namespace blis
