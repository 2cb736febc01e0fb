// The latency model `profile`: measured tables of a model on a GPU, interpolated; what the tables lack
// (head and sampling, collectives, the host) is priced by `calibrated`.
#pragma once

#include <string>
#include <vector>

#include "roofline/calibrated.h"
#include "roofline/ratio_grid.h"

namespace blis {

// One measured operator: `us` at `tokens` in the batch, on one rank.
struct LayerSample {
  std::string layer;  // of profile_layers()
  double tokens = 0;
  double us = 0;
};
// One measured batch.
struct BatchSample {
  BatchPoint at;
  double us = 0;
};

// Parsed tables. Either `layers` with or without `attention` (one layer's kernel; the layout of
// LLMServingSim's profiler), or `steps` (whole engine steps).
struct ProfileTables {
  std::vector<LayerSample> layers;
  std::vector<BatchSample> attention;
  std::vector<BatchSample> steps;
};

// Operators that a layer table may name, and how often one runs.
struct ProfileLayer {
  std::string_view name;
  int per_layer;  // times in each transformer layer
  int once;       // times a step
  bool required;  // of a table that has layers at all
};
std::span<const ProfileLayer> profile_layers();

class ProfileModel final : public ExplainedModel {
 public:
  // Throws InputError: a model with experts, or pipeline stages, with layer tables (they are not in the
  // layout); an unknown operator; a required one that is missing; no samples at all; times or sizes that
  // are not positive and finite.
  ProfileModel(const ProfileTables& tables, const ModelConfig& model, const Hardware& hardware,
               const Parallelism& parallel, const CalibratedOptions& options = {});

  StepCost step(const StepShape& shape) const override;
  StepExplanation explain(const StepShape& shape) const override;

 private:
  KernelCost gpu_time(const StepShape& shape) const;

  CalibratedModel base_;
  bool has_layers_;
  TokenTable layers_;  // unused without layer tables
  RatioGrid attention_, steps_;
};

}  // namespace blis
