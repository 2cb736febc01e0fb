#include "tools/simulate/error_band.h"

#include <fmt/ranges.h>

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

// Loads above these are features of a run.
struct LoadFeature {
  double above;
  std::string_view name;
};
constexpr std::array kLoads{LoadFeature{0.4, "load above 0.4"}, LoadFeature{0.7, "load above 0.7"}};
constexpr std::string_view kSaturated = "saturation";

MetricErrors read_errors(const nlohmann::json& node) {
  MetricErrors errors;
  errors.metric = node.at("metric").get<std::string>();
  errors.figures = node.at("figures").get<std::int64_t>();
  errors.groups = node.at("groups").get<std::int64_t>();
  errors.median_pct = node.at("median_pct").get<double>();
  errors.p90_pct = node.at("p90_pct").get<double>();
  errors.inside_pct = node.at("inside_pct").get<double>();
  for (const auto& [feature, factor] : node.at("factors").items()) {
    errors.factors.emplace_back(feature, factor.get<double>());
  }
  return errors;
}

struct Wording {
  std::string_view metric, words;
};
constexpr std::array kWordings{
    Wording{"ttft_mean", "mean TTFT"}, Wording{"ttft_p90", "p90 TTFT"},
    Wording{"ttft_p99", "p99 TTFT"},   Wording{"tpot_mean", "mean TPOT"},
    Wording{"e2e_mean", "mean E2E"},   Wording{"e2e_p90", "p90 E2E"},
    Wording{"e2e_p99", "p99 E2E"},     Wording{"output_throughput", "throughput"},
};
constexpr std::array<std::string_view, 3> kUsual{"ttft_mean", "tpot_mean", "e2e_mean"};

std::string words_of(std::string_view metric) {
  const auto it = std::ranges::find(kWordings, metric, &Wording::metric);
  return std::string(it == kWordings.end() ? metric : it->words);
}

// "mean TTFT 8 %": of those of `metrics` that have a band; the others go to `without`.
std::string figures_of(const Accuracy& a, std::span<const std::string> metrics,
                       std::vector<std::string>& without) {
  std::vector<std::string> figures;
  for (const std::string& metric : metrics) {
    const auto band = std::ranges::find(a.bands, metric, &ScoredBand::metric);
    if (band == a.bands.end()) {
      without.push_back(words_of(metric));
    } else {
      figures.push_back(fmt::format("{} {:.0f} %", words_of(metric), std::ceil(band->p90_pct)));
    }
  }
  return fmt::format("{}", fmt::join(figures, ", "));
}

struct Scored {
  std::string_view figure, metric;
};
// Of statistics that are not scored, the next one further out in the tail.
constexpr Scored kScored[] = {
    {"mean_ttft_ms", "ttft_mean"},  {"median_ttft_ms", "ttft_mean"}, {"p90_ttft_ms", "ttft_p90"},
    {"p95_ttft_ms", "ttft_p99"},    {"p99_ttft_ms", "ttft_p99"},     {"mean_e2el_ms", "e2e_mean"},
    {"median_e2el_ms", "e2e_mean"}, {"p90_e2el_ms", "e2e_p90"},      {"p95_e2el_ms", "e2e_p99"},
    {"p99_e2el_ms", "e2e_p99"},     {"mean_tpot_ms", "tpot_mean"},   {"median_tpot_ms", "tpot_mean"},
    {"p90_tpot_ms", "tpot_mean"},   {"p95_tpot_ms", "tpot_mean"},    {"p99_tpot_ms", "tpot_mean"},
    {"mean_itl_ms", "tpot_mean"},   {"median_itl_ms", "tpot_mean"},
};

std::string promise_of(const Accuracy& a) {
  std::vector<std::string> without;
  if (!a.latencies_hold) {
    const std::vector<std::string> throughput{"output_throughput"};
    const std::string figure = figures_of(a, throughput, without);
    return fmt::format(
        "saturated: latencies tell how long the run lasted; compare throughput{}, and the order of "
        "alternatives",
        figure.empty() ? "" : " (nine of ten measured runs like this one were within " + figure + ")");
  }
  if (!a.unscored.empty()) {
    return fmt::format("no figure: no measured run had {}", fmt::join(a.unscored, " or "));
  }
  std::vector<std::string> metrics = a.asked;
  const bool usual = metrics.empty();
  if (usual) metrics.assign(kUsual.begin(), kUsual.end());
  const std::string figures = figures_of(a, metrics, without);
  if (figures.empty()) {
    return usual ? "no figure: too few measured runs are like this one"
                 : fmt::format("no figure: too few measured runs like this one tell {}",
                               fmt::join(without, " or "));
  }
  return fmt::format(
      "nine of ten measured runs like this one were within: {}{}", figures,
      usual || without.empty() ? "" : fmt::format("; too few tell {}", fmt::join(without, " or ")));
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

std::vector<std::string> run_features(const DeploymentKind& kind, double load, bool saturated) {
  std::vector<std::string> features = kind.features;
  for (const LoadFeature& feature : kLoads) {
    if (load > feature.above) features.emplace_back(feature.name);
  }
  if (saturated) features.emplace_back(kSaturated);
  return features;
}

std::optional<ScoredBand> band_of(const MetricErrors& errors, std::span<const std::string> features) {
  double factor = 1;
  for (const std::string& feature : features) {
    const auto it = std::ranges::find(errors.factors, feature, &std::pair<std::string, double>::first);
    if (it == errors.factors.end()) return std::nullopt;
    factor *= it->second;
  }
  return ScoredBand{errors.metric, errors.figures, errors.median_pct * factor, errors.p90_pct * factor};
}

ErrorBands read_error_bands(const Catalog& catalog) {
  const std::string path = catalog.find("accuracy_bands.json");
  if (!std::filesystem::exists(path)) return {};
  ErrorBands known;
  try {
    const nlohmann::json root =
        parse_strict_json<nlohmann::json>(read_file(path, "file of error bands"), {path});
    for (const nlohmann::json& node : root.at("metrics")) known.metrics.push_back(read_errors(node));
  } catch (const nlohmann::json::exception& error) {
    throw InputError(ErrorKind::io, Problem{.place = {path},
                                            .message = "these are no error bands",
                                            .got = error.what(),
                                            .hint = "blis accuracy DIR --bands " + path});
  }
  return known;
}

Accuracy find_accuracy(const ErrorBands& known, const DeploymentKind& kind, double load, bool saturated) {
  Accuracy accuracy{.gpu = kind.gpu,
                    .evidence = kind.evidence,
                    .load = load,
                    .bands = {},
                    .unscored = {},
                    .asked = {},
                    .scored = !known.metrics.empty(),
                    .latencies_hold = !saturated};
  const std::vector<std::string> features = run_features(kind, load, saturated);
  for (const MetricErrors& errors : known.metrics) {
    if (const auto band = band_of(errors, features)) accuracy.bands.push_back(*band);
  }
  std::ranges::copy_if(features, std::back_inserter(accuracy.unscored), [&](const std::string& feature) {
    return std::ranges::none_of(known.metrics, [&](const MetricErrors& errors) {
      return std::ranges::count(errors.factors, feature, &std::pair<std::string, double>::first) > 0;
    });
  });
  return accuracy;
}

std::string_view scored_as(std::string_view figure) {
  const auto scored = std::ranges::find(kScored, figure, &Scored::figure);
  return scored == std::end(kScored) ? std::string_view() : scored->metric;
}

std::vector<std::string> limited_metrics(const SloSettings& slo) {
  std::vector<std::string> metrics;
  if (slo.goodput.ttft_ms) metrics.emplace_back("ttft_p90");
  if (slo.goodput.tpot_ms) metrics.emplace_back("tpot_mean");
  if (slo.goodput.e2el_ms) metrics.emplace_back("e2e_p90");
  for (const SloLimit& limit : slo.limits) {
    const std::string_view metric = scored_as(limit.key);
    std::string name(metric.empty() ? limit.key : metric);
    if (std::ranges::count(metrics, name) == 0) metrics.push_back(std::move(name));
  }
  return metrics;
}

std::string to_sentence(const Accuracy& a) {
  return promise_of(a) + (a.evidence.empty() ? "" : fmt::format(" ({})", a.evidence));
}

}  // namespace blis
