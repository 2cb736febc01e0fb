// Measured cases, simulated.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "scenarios/catalog.h"
#include "scenarios/scenario.h"
#include "tools/score/measured_case.h"

namespace blis {

struct StageOutcome {
  int index = 0;  // -1: all stages pooled
  MetricValues measured, predicted;
};

struct PointOutcome {
  std::int64_t concurrency = 0;
  double measured_ttft = 0, predicted_ttft = 0, measured_tpot = 0, predicted_tpot = 0;  // ms
};

struct CaseOutcome {
  const MeasuredCase* measured = nullptr;
  std::string gpu;  // the catalog's name
  bool moe = false;
  std::vector<std::string> features;  // of its deployment; see DeploymentKind
  std::vector<StageOutcome> stages;   // pooled first
  std::vector<PointOutcome> points;   // of a curve, by concurrency
  double load = 0;                    // see serving_load; mean over seeds
  std::string problem;                // why it could not be simulated; empty: it was
};

struct AccuracyOptions {
  int seeds = 3;  // averaged, where arrivals are drawn
  int threads = 1;
  std::vector<Override> defaults;   // of the scenario, where a case does not say
  std::vector<Override> overrides;  // whatever it says
  std::function<void(std::size_t done, std::size_t all)> progress;  // simulations, from any thread
};

// In the order of `cases`, which must outlive the outcomes; the same at any number of threads. A case
// that cannot be simulated has a problem and no figures.
// Throws InputError for a per-request file that cannot be read.
std::vector<CaseOutcome> simulate_cases(std::span<const MeasuredCase> cases, const std::string& folder,
                                        const Catalog& catalog, const AccuracyOptions& options);

}  // namespace blis
