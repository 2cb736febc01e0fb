// The latency models a scenario can choose: a row each. To add one, write the model and its row.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"
#include "roofline/calibrated.h"
#include "roofline/explained_model.h"
#include "roofline/hardware.h"
#include "roofline/model_config.h"
#include "scenarios/scenario.h"

namespace blis {

// All that a latency model may depend on; references live as long as the call.
struct LatencyInputs {
  const ScenarioSettings& scenario;  // resolved
  const ModelConfig& model;          // with the scenario's dtype and quantization
  const ModelConfig& model_as_is;    // as its config.json has it
  const Hardware& hardware;
  const Parallelism& parallel;
  CalibratedOptions options;  // what the calibrated model takes of the scenario
};

struct LatencyModelRow {
  std::string_view name;         // as in `latency.model`
  std::string_view description;  // one line
  // Milliseconds from the client's send to the engine's queue, where `latency.host.api_ms` is null.
  double (*api_ms)(const ScenarioSettings& scenario);
  // More for each token of the prompt, where `latency.host.api_per_token_us` is null.
  double api_per_token_us = 0;
  // More for each request being streamed, where `latency.host.api_per_sequence_us` is null.
  double api_per_sequence_us = 0;
  // Of arithmetic under sustained load, where `latency.clocks.slowdown` is null.
  double clock_slowdown = 0;
  // What it can price; a scenario that asks for more is refused with a sentence.
  bool host_terms = false;    // latency.host.step_us and per_sequence_us
  bool sampling = false;      // workload.sampling
  bool pipeline = false;      // pipeline_parallel_size
  bool encodes = false;       // images: the model's vision tower
  bool drafts = false;        // making drafts, where it is known what makes them
  bool quantization = false;  // not refused: a caveat
  bool profile = false;       // latency.profile; then it is needed
  bool coefficients = false;  // latency.coefficients; then they are needed
  bool scored = false;        // its errors are known from measured runs
  // Throws InputError for what it cannot model.
  std::unique_ptr<ExplainedModel> (*make)(const LatencyInputs& inputs) = nullptr;
};

// The first is what a scenario that does not say gets.
std::span<const LatencyModelRow> latency_models();
// Throws InputError (usage) at `place`, with the names there are.
const LatencyModelRow& find_latency_model(std::string_view name, const Place& place);

// What of the scenario the model cannot price; the place of each problem is the scenario's key.
std::vector<Problem> refusals(const LatencyModelRow& row, const LatencyInputs& inputs);
// What it leaves out or does not know for sure, in sentences.
std::vector<std::string> caveats(const LatencyModelRow& row, const LatencyInputs& inputs);

}  // namespace blis
