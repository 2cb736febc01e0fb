// Everything that a result is made of, and the documents it can be written as.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "roofline/step_work.h"
#include "scenarios/scenario.h"
#include "sim/metrics.h"
#include "sim/step_summary.h"
#include "tools/report/error_band.h"
#include "tools/report/folded_steps.h"

namespace blis {

// A run and what is said about it.
struct Report {
  // What `metrics` left out.
  const MetricsOptions& options() const { return steps.options(); }

  Scenario scenario;   // resolved
  std::string engine;  // one line for people: the model, its precision, the GPUs
  std::int64_t gpus = 1;
  RunResult run;
  FoldedSteps folded{};  // the steps that `run` has forgotten, for what is drawn
  StepSummary steps{};   // all steps, for what is counted
  Metrics metrics;
  std::vector<Metrics> clients;        // of each client of the workload, if there are several
  std::vector<std::string> warnings;   // sentences without a full stop
  std::optional<Accuracy> accuracy{};  // unset: its latency model was not scored
  std::optional<WorkModel> work{};     // of a replica, where there is a model and a GPU
};

// US dollars for a million output tokens: GPUs x price x duration. Unset without a price or output.
std::optional<double> usd_per_million_output_tokens(const Report& report);

// What text for people may have beyond plain columns.
struct TextStyle {
  bool colour = false;
  std::size_t chart_width = 0;  // of charts over time, in columns; 0: none
};

// vLLM's text block, `{:<40} {:<10.2f}` in 50 columns; charts come after the engine's figures.
std::string to_text(const Report& report, const TextStyle& style = {});

// result.json. `detailed` adds vLLM's lists of per-request figures. Equal runs give equal bytes.
std::string to_result_json(const Report& report, bool detailed);

// What `vllm bench serve --save-result` writes, with `detailed` as with --save-detailed.
std::string to_vllm_json(const Report& report, bool detailed);

// The flat figures as a header and one row.
std::string to_csv(const Report& report);

}  // namespace blis
