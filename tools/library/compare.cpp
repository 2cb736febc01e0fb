#include "blis/compare.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "blis/error.hpp"
#include "scenarios/document.h"
#include "scenarios/traffic_flags.h"
#include "tools/library/catalog.h"
#include "tools/simulate/pool.h"
#include "tools/study/compare/run_comparison.h"

namespace blis {
namespace {

Sweep sweep_in(const std::string& path) {
  const std::string text = read_file(path, "scenario or sweep");
  if (is_sweep(text, path)) {
    return parse_sweep(text, path, std::filesystem::path(path).parent_path().string());
  }
  Sweep sweep;
  sweep.scenarios.push_back(path);
  return sweep;
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

}  // namespace

Comparison::Comparison(CompareReport report)
    : report_(std::make_shared<const CompareReport>(std::move(report))) {}

Comparison compare(const std::string& path, std::span<const Variation> vary, const CompareOptions& options) {
  ComparisonRequest request{.sweep = sweep_in(path)};
  for (const Variation& variation : vary) add_axis(request.sweep, axis_of(variation));
  if (!options.seeds.empty()) request.sweep.seeds = options.seeds;
  request.threads = options.threads > 0 ? options.threads : hardware_threads();
  if (options.going_on) request.going_on = options.going_on;
  const Catalog catalog = catalog_in(options.data_folder);
  CompareReport report = prepare_comparison(request, catalog);
  ProgressBar none(false);
  run_comparison(report, request, catalog, none);
  return Comparison(std::move(report));
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
