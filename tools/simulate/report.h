// Everything that a result is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "roofline/step_work.h"
#include "scenarios/scenario.h"
#include "sim/metrics.h"
#include "sim/saturation.h"
#include "sim/step_summary.h"
#include "tools/simulate/error_band.h"
#include "tools/simulate/fleet_use.h"
#include "tools/simulate/folded_steps.h"

namespace blis {

// A run and what is said about it.
struct RunReport {
  // What `metrics` left out.
  const MetricsOptions& options() const { return steps.options(); }

  ScenarioSettings scenario;         // resolved
  std::string engine;                // one line for people: the model, its precision, the GPUs
  std::string model;                 // the first line of the model's card
  std::int64_t gpus = 1;             // of all pools, with as many replicas as there may be
  FleetUse use{};                    // what of them it held
  std::vector<std::string> pools{};  // the pool of each replica, where there are several pools
  RunResult run;
  FoldedSteps folded{};  // the steps that `run` has forgotten, for what is drawn
  StepSummary steps{};   // all steps, for what is counted
  Metrics metrics;
  Saturation saturation{};
  std::vector<Metrics> clients;        // of each client of the workload, if there are several
  std::vector<std::string> warnings;   // sentences without a full stop
  std::optional<Accuracy> accuracy{};  // unset: its latency model was not scored, or see below
  // Parts of the model that are left out, because the user allowed it; then there is no accuracy.
  std::vector<std::string> not_modelled{};
  std::optional<WorkModel> work{};  // of a replica, where there is a model and a GPU
};

// US dollars for a million output tokens: GPUs that were held x price x duration. Unset without a price or
// output.
std::optional<double> usd_per_million_output_tokens(const RunReport& report);

}  // namespace blis
