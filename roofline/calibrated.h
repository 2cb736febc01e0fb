// The default latency model: a roofline of every kernel of a step, with efficiencies measured on real
// GPUs, plus collectives, sampling and the engine's own time. docs/latency.md explains its terms.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "roofline/drafter.h"
#include "roofline/explained_model.h"
#include "roofline/host_constants.h"
#include "roofline/layer_time.h"
#include "roofline/state_time.h"
#include "roofline/token_table.h"

namespace blis {

struct CalibratedOptions {
  double kv_dtype_bytes = 0;  // 0: the model's own
  ExpertExchange exchange = ExpertExchange::gather;
  int max_num_batched_tokens = 8192;  // sizes of the tables; larger batches are priced, less exactly
  int max_num_seqs = 1024;
  bool compiled = true;          // by torch.compile: not with enforce_eager
  bool async_scheduling = true;  // the host prepares a step while the GPU runs the one before
  bool top_p_or_k = false;       // requests sample from a part of the vocabulary
  bool sort_to_sample = false;   // ... by sorting all of it: vLLM 0.11.1 to 0.15
  HostConstants host;
  Drafter drafter{};  // makes StepShape::drafts
};

inline StepCost to_step_cost(const KernelCost& gpu, double host_us) {
  constexpr double kMicros = 1e-6;
  StepCost s;
  double total = 0;
  for_each_cost_part([&]<CostPart kPart>() {
    const double us = kPart == CostPart::host ? host_us : gpu.with_parts(kPart);
    if constexpr (is_whole(kPart)) total += us * kMicros;
    s[kPart] = Seconds{(kPart == CostPart::host ? host_us : gpu.get<kPart>()) * kMicros};
  });
  s.total = Seconds{total};
  s.once = s[CostPart::host];
  return s;
}
// A term for each part.
void add_parts(const KernelCost& gpu, double host_us, StepExplanation& out);

class DraftingTime;

class CalibratedModel final : public ExplainedModel {
 public:
  // Throws InputError for a split or a hardware entry that cannot work (see make_deployment).
  CalibratedModel(const ModelConfig& model, const Hardware& hardware, const Parallelism& parallel,
                  const CalibratedOptions& options = {});

  // Time between two steps of one pipeline stage, the slowest; a token passes through all stages.
  StepCost step(const StepShape& shape) const override;
  StepExplanation explain(const StepShape& shape) const override;

  // Parts of a step, in microseconds, for models that measure some of them. Of the only stage where
  // there is one, of the first otherwise.
  KernelCost layers_cost(double tokens) const;  // everything in the layers but attention and states
  KernelCost attention_cost(const StepShape& shape) const;  // of all layers, states included
  KernelCost sampling_cost(std::int64_t rows) const { return sampling_.at(rows); }
  KernelCost drafting_cost(const StepShape& shape) const;  // on the last stage
  KernelCost gpu_cost(const StepShape& shape) const;       // of the slowest stage
  double host_us(const StepShape& shape) const;

  // Where the kernel constants are from: "fitted" or "general".
  const std::string& provenance() const { return deployment_.machine.provenance; }

 private:
  // One kind of attention.
  struct CoreTime {
    AttentionTime time;
    bool limited;    // it does not see all of the context
    double shorter;  // tokens a decode sees, where other layers see more but not all; 0: none do
    std::optional<Product> expands;
  };
  // What one pipeline stage runs. Stages that are alike share an entry.
  struct StagePlan {
    std::vector<int> works, cores;  // layers of each of works_ and cores_
    bool head = false;
    StateTime states;      // of all layers that keep one
    TokenTable layers;     // everything but attention and states
    double launch_us = 0;  // what the host takes to launch its kernels one by one
  };
  struct Slowest {
    KernelCost cost;
    const StagePlan* stage;
  };

  void list_works();
  std::vector<LayerWork> works_beside(const Stage& stage) const;
  void list_cores();
  KernelCost layers_time(const std::vector<int>& works, double tokens) const;
  KernelCost sampling_time(double rows) const;
  KernelCost mixed_time(const CoreTime& core, const StepShape& shape) const;  // of one layer
  template <class Price>
  Slowest slowest_of(const StepShape& shape, const Price& price) const;
  Slowest slowest(const StepShape& shape) const;
  StepCost with_encoder(const StepShape& shape, const Slowest& slowest) const;
  double behind_layers_us(const StepShape& shape, const StagePlan& stage) const;

  Deployment deployment_;
  CalibratedOptions options_;
  std::vector<LayerWork> works_;            // each once, in the order in which they are added
  std::vector<AttentionCore> core_shapes_;  // each once, those that see all of the context first
  std::vector<CoreTime> cores_;             // of each
  std::vector<StagePlan> stages_;
  TokenTable sampling_;
  std::shared_ptr<const DraftingTime> drafting_;  // null: no layers make drafts
};

}  // namespace blis
