// The latency models a scenario can choose: a row each. To add one, write the model and its row.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/explained_model.h"
#include "roofline/hardware.h"
#include "roofline/model_config.h"
#include "scenarios/scenario.h"
#include "sim/input_error.h"

namespace blis {

// All that a latency model may depend on; references live as long as the call.
struct LatencyInputs {
  const Scenario& scenario;        // resolved
  const ModelConfig& model;        // with the scenario's dtype and quantization
  const ModelConfig& model_as_is;  // as its config.json has it
  const Hardware& hardware;
  const Parallelism& parallel;
};

struct LatencyModelRow {
  std::string_view name;         // as in `latency.model`
  std::string_view description;  // one line
  double api_ms;                 // client's send to the engine's queue, where `latency.host.api_ms` is null
  // What of the scenario this model cannot price: each a problem whose place is the scenario's key.
  std::vector<Problem> (*refusals)(const LatencyInputs& inputs);
  // What it leaves out, in sentences.
  std::vector<std::string> (*caveats)(const LatencyInputs& inputs);
  // Throws InputError for what it cannot model.
  std::unique_ptr<ExplainedModel> (*make)(const LatencyInputs& inputs);
};

std::span<const LatencyModelRow> latency_models();
// What a scenario that does not say gets.
const LatencyModelRow& default_latency_model();
// Throws InputError (usage) at `place`, with the names there are.
const LatencyModelRow& find_latency_model(std::string_view name, const Place& place);

}  // namespace blis
