// A scenario with everything looked up: the model and the GPU, every default filled in, and the arithmetic
// of whether and how it fits.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "roofline/hardware.h"
#include "roofline/kv_capacity.h"
#include "roofline/model_config.h"
#include "scenarios/catalog.h"
#include "scenarios/latency_models.h"
#include "scenarios/scenario.h"
#include "scenarios/vllm_version.h"

namespace blis {

struct ResolvedScenario {
  ScenarioSettings scenario;  // resolved: null only where null is the answer (no price, no quantization)
  VllmVersion version;
  ModelConfig model;        // with the scenario's dtype and quantization
  ModelConfig model_as_is;  // as its config.json has it
  Hardware hardware;
  Parallelism parallel;  // of one replica
  Drafter drafter;       // without layers if nothing makes drafts
  const LatencyModelRow* latency = nullptr;
  bool hands_on = false;          // it computes prompts for other engines, or goes on with theirs
  bool automatic_length = false;  // max_model_len is what fits
  bool sort_to_sample = false;    // what this version of vLLM does for top-p and top-k
  int replicas = 1;               // engines behind the router: data-parallel ranks of a dense model are such
  KvCapacity kv;  // of one replica; with num_gpu_blocks_override only num_blocks is meaningful
  std::vector<int> cuda_graph_sizes;  // empty: eager
  std::vector<std::string> warnings;
  // What is left out because the user allows it, of the model, the engine and the command line it came from,
  // a sentence each: no accuracy is claimed then.
  std::vector<std::string> not_modelled;

  // Of a deployment of several pools: each as a scenario of its own. All else here is then that of the first,
  // and `scenario` is the whole.
  std::vector<ResolvedScenario> pools;

  LatencyInputs latency_inputs() const;
  // `replicas`, or as many as there may ever be.
  int places() const { return scenario.autoscaling ? scenario.autoscaling->max_replicas : replicas; }
  int gpus() const;                            // of all pools, in all places
  std::optional<double> usd_per_hour() const;  // of all pools; empty if the user gave no price
};

// The pools, or the scenario itself if it has none.
std::span<const ResolvedScenario> pools_of(const ResolvedScenario& resolved);

// Whether the model must fit its GPUs. `reported`: what is to be priced but not run (`blis step`) may
// be larger; that it does not fit, or that nobody can say, is then a warning, and `kv` is empty.
enum class Fit : std::uint8_t { required, reported };

// The settings that the engine's memory depends on.
MemorySettings memory_settings(const ResolvedScenario& resolved);

// How the scenario asks for its model to be read.
ModelRules model_rules(const ScenarioSettings& scenario);

// Reads the catalogs and fills in the defaults. Throws InputError: usage for what vLLM would refuse to
// start with or the simulator cannot do; infeasible, with the arithmetic, for what does not fit.
ResolvedScenario resolve(const ScenarioSettings& scenario, const Catalog& catalog, Fit fit = Fit::required);

// Throws InputError (usage) for what the chosen latency model cannot price.
std::unique_ptr<ExplainedModel> make_latency_model(const ResolvedScenario& resolved);

}  // namespace blis
