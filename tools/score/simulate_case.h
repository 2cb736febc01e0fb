// Measured cases, simulated.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "scenarios/catalog.h"
#include "scenarios/scenario.h"
#include "tools/score/measured_case.h"
#include "tools/simulate/deployment_kind.h"

namespace blis {

struct StageOutcome {
  int index = 0;  // -1: all stages pooled
  MetricValues measured, predicted;
  MetricMarks doubtful;  // scored apart
  double load = 0;       // see serving_load; mean over seeds
};

// What became of a case.
enum class Coverage : std::uint8_t {
  scored,
  refused,          // "does not fit", although it ran
  not_expressible,  // an unknown model or GPU, or something that is not modelled
  unreadable,       // its row or its files
};

std::string_view to_string(Coverage coverage);

struct PointOutcome {
  std::int64_t concurrency = 0;
  double measured_ttft = 0, predicted_ttft = 0, measured_tpot = 0, predicted_tpot = 0;  // ms
};

struct CaseOutcome {
  const MeasuredCase* measured = nullptr;
  std::string gpu;  // the catalog's name
  bool moe = false;
  DeploymentKind kind;               // evidence and features of its deployment
  std::string network;               // its model_type
  std::string format, release;       // "int4", "0.11"
  double load = 0;                   // of a curve: the mean over its points
  std::vector<StageOutcome> stages;  // pooled first
  std::vector<PointOutcome> points;  // of a curve, by concurrency
  Coverage coverage = Coverage::scored;
  std::string problem;     // why it could not be simulated; empty: it was
  bool shortened = false;  // it fits only with the arguments that are its least (args_if_refused)
};

struct AccuracyOptions {
  int seeds = 3;  // averaged, where arrivals are drawn
  int threads = 1;
  std::vector<Override> defaults;   // of the scenario, where a case does not say
  std::vector<Override> overrides;  // whatever it says
  std::function<void(std::size_t done, std::size_t all)> progress;  // simulations, from any thread
};

struct CoverageCount {
  std::int64_t scored = 0, shortened = 0;  // these among the scored
  // "Does not fit", although it ran: the shortened ones, too; and among them those with every argument
  // stated.
  std::int64_t refused = 0, refused_as_stated = 0;
  std::int64_t not_expressible = 0, unreadable = 0;
};
CoverageCount count_coverage(std::span<const CaseOutcome> outcomes);

// In the order of `cases`, which must outlive the outcomes; the same at any number of threads. A case
// that cannot be simulated has a problem and no figures.
std::vector<CaseOutcome> simulate_cases(std::span<const MeasuredCase> cases, const Catalog& catalog,
                                        const AccuracyOptions& options);

}  // namespace blis
