#include "tools/simulate/error_band.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "blis/error.hpp"
#include "scenarios/document.h"
#include "tools/output/strict_json.h"

namespace blis {
namespace {

constexpr double kMostLoad = 0.999;

ScoredBand read_band(const nlohmann::json& node) {
  ScoredBand band;
  band.gpu = node.at("gpu").get<std::string>() == "general" ? GpuClass::general : GpuClass::fitted;
  band.load_below = node.at("load_below").get<double>();
  band.metric = node.at("metric").get<std::string>();
  band.runs = node.at("runs").get<std::int64_t>();
  band.median_pct = node.at("median_pct").get<double>();
  band.p90_pct = node.at("p90_pct").get<double>();
  return band;
}

}  // namespace

double serving_load(const LatencyModel& latency, double mean_context, double mean_tpot_ms) {
  if (!(mean_tpot_ms > 0)) return 0;
  const auto context = static_cast<std::int64_t>(mean_context);
  const StepShape lone{.decodes = 1,
                       .decode_tokens = 1,
                       .decode_context = context,
                       .window_context = context,
                       .sampled = 1,
                       .graph_tokens = 1};
  return std::clamp(1 - latency.step(lone).total.count() * 1e3 / mean_tpot_ms, 0.0, kMostLoad);
}

double serving_load(const LatencyModel& latency, const Metrics& m) {
  if (m.completed == 0) return 0;
  const auto requests = static_cast<double>(m.completed);
  const double context = static_cast<double>(m.total_input_tokens) / requests +
                         static_cast<double>(m.total_output_tokens) / requests / 2;
  return serving_load(latency, context, m.tpot.mean);
}

ErrorBands read_error_bands(const Catalog& catalog) {
  const std::string path = catalog.folder() + "/accuracy_bands.json";
  if (!std::filesystem::exists(path)) return {};
  ErrorBands known;
  try {
    const nlohmann::json root =
        parse_strict_json<nlohmann::json>(read_file(path, "file of error bands"), {path});
    known.features = root.at("features").get<std::vector<std::string>>();
    for (const nlohmann::json& node : root.at("bands")) known.bands.push_back(read_band(node));
  } catch (const nlohmann::json::exception& error) {
    throw InputError(ErrorKind::io, Problem{.place = {path},
                                            .message = "these are no error bands",
                                            .got = error.what(),
                                            .hint = "blis accuracy DIR --bands " + path});
  }
  return known;
}

Accuracy find_accuracy(const ErrorBands& known, const DeploymentKind& kind, double load, bool saturated) {
  Accuracy accuracy{.gpu = kind.gpu, .load = load, .bands = {}, .unscored = {}, .latencies_hold = !saturated};
  std::ranges::copy_if(kind.features, std::back_inserter(accuracy.unscored), [&](const std::string& feature) {
    return std::ranges::count(known.features, feature) == 0;
  });
  for (const ScoredBand& band : known.bands) {
    if (band.gpu != kind.gpu || load >= band.load_below) continue;
    const auto same = std::ranges::find(accuracy.bands, band.metric, &ScoredBand::metric);
    if (same == accuracy.bands.end()) {
      accuracy.bands.push_back(band);
    } else if (band.load_below < same->load_below) {
      *same = band;
    }
  }
  return accuracy;
}

std::string to_sentence(const Accuracy& a) {
  const char* const kernels =
      a.gpu == GpuClass::fitted ? "GPUs with measured kernels" : "GPUs known by their data sheet";
  if (!a.latencies_hold) {
    return fmt::format(
        "saturated: latencies tell how long the run lasted; compare throughput, and the order of "
        "alternatives");
  }
  std::string figures;
  for (const auto& [metric, name] :
       {std::pair{"ttft_mean", "TTFT"}, std::pair{"tpot_mean", "TPOT"}, std::pair{"e2e_mean", "E2E"}}) {
    const auto band = std::ranges::find(a.bands, metric, &ScoredBand::metric);
    if (band == a.bands.end()) continue;
    figures += fmt::format("{}{} {:.0f} %", figures.empty() ? "" : ", ", name, std::ceil(band->p90_pct));
  }
  if (figures.empty()) return "no measured run is like this one";
  return fmt::format("nine of ten measured runs on {} at such load were within: mean {}{}", kernels, figures,
                     a.unscored.empty() ? ""
                                        : fmt::format("; none had {}, so errors may be larger",
                                                      fmt::join(a.unscored, " or ")));
}

}  // namespace blis
