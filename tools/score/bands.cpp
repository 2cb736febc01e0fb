#include "tools/score/bands.h"

#include <algorithm>
#include <set>

#include "tools/output/json_writer.h"

namespace blis {
namespace {

constexpr std::size_t kFewRuns = 3;

// The errors of a range of loads.
struct Bin {
  double below;
  std::vector<double> errors;
};

std::vector<Bin> bins_of(std::span<const CaseOutcome* const> outcomes, Metric metric) {
  std::vector<Bin> bins;
  double above = 0;
  for (const double below : kLoadLimits) {
    Bin bin{below, {}};
    for (const CaseOutcome* c : outcomes) {
      const double error = std::abs(signed_error(*pooled(*c), metric));
      if (c->load >= above && c->load < below && std::isfinite(error)) bin.errors.push_back(error);
    }
    above = below;
    const bool joins =
        !bins.empty() && (bin.errors.size() < kFewRuns || bins.back().errors.size() < kFewRuns);
    if (bin.errors.empty()) continue;
    if (joins) {
      bins.back().below = below;
      bins.back().errors.insert(bins.back().errors.end(), bin.errors.begin(), bin.errors.end());
    } else {
      bins.push_back(std::move(bin));
    }
  }
  return bins;
}

void add_bands(GpuClass gpu, std::span<const CaseOutcome* const> outcomes, std::vector<ScoredBand>& bands) {
  for (const Metric metric : judged_metrics()) {
    for (Bin& bin : bins_of(outcomes, metric)) {
      bands.push_back({.gpu = gpu,
                       .load_below = bin.below,
                       .metric = std::string(kMetricNames[static_cast<std::size_t>(metric)]),
                       .runs = std::ssize(bin.errors),
                       .median_pct = median(bin.errors),
                       .p90_pct = percentile(bin.errors, 90)});
    }
  }
}

std::vector<const CaseOutcome*> scored(std::span<const CaseOutcome> outcomes) {
  std::vector<const CaseOutcome*> chosen;
  for (const CaseOutcome& c : outcomes) {
    if (c.problem.empty() && pooled(c) && c.measured->judged() && !c.measured->overload) chosen.push_back(&c);
  }
  return chosen;
}

}  // namespace

ErrorBands error_bands(const Scoreboard& board) {
  ErrorBands known;
  const std::vector<const CaseOutcome*> seen = scored(board.cases);
  std::set<std::string> features;
  for (const CaseOutcome* c : seen) features.insert(c->features.begin(), c->features.end());
  known.features.assign(features.begin(), features.end());
  add_bands(GpuClass::fitted, seen, known.bands);
  std::vector<const CaseOutcome*> unseen;
  for (const LeftOut& out : board.left_out) {
    if (!out.refitted.empty()) continue;  // a family
    const std::vector<const CaseOutcome*> more = scored(out.outcomes);
    unseen.insert(unseen.end(), more.begin(), more.end());
  }
  add_bands(GpuClass::general, unseen, known.bands);
  return known;
}

std::string to_json(const ErrorBands& known, const std::string& source) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("source", source);
  json.key("features").begin_list();
  for (const std::string& feature : known.features) json.value(feature);
  json.end_list();
  json.key("bands").begin_list();
  for (const ScoredBand& band : known.bands) {
    json.begin_object()
        .member("gpu", to_string(band.gpu))
        .member("load_below", band.load_below)
        .member("metric", band.metric)
        .member("runs", band.runs)
        .member("median_pct", band.median_pct)
        .member("p90_pct", band.p90_pct)
        .end_object();
  }
  json.end_list().end_object();
  return text + "\n";
}

}  // namespace blis
