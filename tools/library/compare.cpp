#include "blis/compare.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "blis/error.hpp"
#include "scenarios/document.h"
#include "tools/library/catalog.h"
#include "tools/library/settings.h"
#include "tools/report/result_folder.h"
#include "tools/simulate/pool.h"
#include "tools/study/compare/run_comparison.h"
#include "tools/study/compare/sharded.h"

namespace blis {
namespace {

Sweep sweep_in(const std::string& path) {
  Sweep sweep;
  if (path.empty()) {
    sweep.scenarios.emplace_back();
    return sweep;
  }
  const std::string text = read_file(path, "scenario or sweep");
  if (is_sweep(text, path)) {
    return parse_sweep(text, path, std::filesystem::path(path).parent_path().string());
  }
  sweep.scenarios.push_back(path);
  return sweep;
}

Goal goal_named(const std::string& name) {
  const std::pair<const char*, Goal> goals[] = {{"", Goal::compare},
                                                {"max-rate", Goal::max_rate},
                                                {"min-gpus", Goal::min_gpus},
                                                {"min-cost", Goal::min_cost}};
  for (const auto& [known, goal] : goals) {
    if (name == known) return goal;
  }
  throw InputError(ErrorKind::usage, {.place = {"find"},
                                      .message = "there is no such goal",
                                      .expected = "max-rate, min-gpus or min-cost",
                                      .got = name});
}

Axis axis_of(const Variation& variation) {
  Axis axis;
  for (const std::string& value : variation.values) {
    axis.rows.push_back({override_named(variation.key, value, fmt::format("{}={}", variation.key, value))});
  }
  if (axis.rows.empty()) {
    throw InputError(ErrorKind::usage, {.place = {variation.key}, .message = "has no values to vary"});
  }
  axis.keys = {axis.rows.front()[0].key};
  return axis;
}

// What all functions below begin with.
struct Prepared {
  ComparisonRequest request;
  Catalog catalog;
  CompareReport report;
};

Prepared prepare(const std::string& path, std::span<const Variation> vary, const CompareOptions& options) {
  ComparisonRequest request{.sweep = sweep_in(path)};
  for (const Variation& variation : vary) add_axis(request.sweep, axis_of(variation));
  for (const Setting& setting : options.set) request.sweep.set.push_back(override_of(setting));
  for (const auto& [gpu, usd] : options.prices) {
    request.sweep.prices.push_back({gpu, usd, fmt::format("the price of {}", gpu)});
  }
  if (!options.seeds.empty()) request.sweep.seeds = options.seeds;
  request.goal = goal_named(options.find);
  if (!options.objectives.empty()) request.sweep.objectives.clear();
  for (const std::string& figure : options.objectives) {
    request.sweep.objectives.push_back({.key = figure, .shown = "objective " + figure});
  }
  request.stop_dominated = options.stop_dominated;
  request.threads = options.threads > 0 ? options.threads : hardware_threads();
  request.folder = options.folder;
  request.resume = options.resume;
  request.detect_warmup = options.detect_warmup;
  if (options.going_on) request.going_on = options.going_on;
  if (!request.folder.empty()) make_folder(request.folder + "/points");
  Catalog catalog = catalog_in(options.data_folder);
  CompareReport report = prepare_comparison(request, catalog);
  return {std::move(request), std::move(catalog), std::move(report)};
}

}  // namespace

Comparison::Comparison(CompareReport report)
    : report_(std::make_shared<const CompareReport>(std::move(report))) {}

Comparison compare(const std::string& path, std::span<const Variation> vary, const CompareOptions& options) {
  Prepared prepared = prepare(path, vary, options);
  ProgressBar bar(options.progress);
  run_comparison(prepared.report, prepared.request, prepared.catalog, bar);
  return Comparison(std::move(prepared.report));
}

bool compare_shard(const std::string& path, std::span<const Variation> vary, std::size_t index,
                   std::size_t count, const CompareOptions& options) {
  if (count == 0 || index >= count) {
    throw InputError(ErrorKind::usage, {.place = {fmt::format("shard {} of {}", index, count)},
                                        .message = "there is no such shard"});
  }
  if (options.folder.empty()) {
    throw InputError(ErrorKind::usage, {.message = "a shard needs a folder for its points"});
  }
  const Prepared prepared = prepare(path, vary, options);
  ProgressBar bar(options.progress);
  for (const char* const part : {"/points", "/shards"}) make_folder(options.folder + part);
  return !run_shard(prepared.report, {index, count}, prepared.request, prepared.catalog, bar).interrupted;
}

Comparison merge_shards(const std::string& path, std::span<const Variation> vary,
                        std::span<const std::string> folders, const CompareOptions& options) {
  Prepared prepared = prepare(path, vary, options);
  merge_shards(prepared.report, {folders.begin(), folders.end()}, prepared.request, prepared.catalog);
  return Comparison(std::move(prepared.report));
}

std::string to_text(const Comparison& comparison, std::size_t width) {
  return to_text(comparison.report(), width);
}

std::string to_json(const Comparison& comparison) {
  return to_json(comparison.report());
}

std::string to_csv(const Comparison& comparison) {
  return to_csv(comparison.report());
}

}  // namespace blis
