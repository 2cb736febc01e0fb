// The default latency model: a roofline of every kernel of a step, with efficiencies measured on real
// GPUs, plus collectives, sampling and the engine's own time. docs/latency.md explains its terms.
#pragma once

#include <vector>

#include "roofline/explained_model.h"
#include "roofline/host_constants.h"
#include "roofline/layer_time.h"
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
  bool sort_to_sample = false;   // ... by sorting all of it: vLLM before 0.16
  HostConstants host;
};

StepCost to_step_cost(const KernelCost& gpu, double host_us);
// A term for each part.
void add_parts(const KernelCost& gpu, double host_us, StepExplanation& out);

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
  KernelCost layers_cost(double tokens) const;              // everything in the layers but attention
  KernelCost attention_cost(const StepShape& shape) const;  // of all layers
  KernelCost sampling_cost(std::int64_t rows) const { return sampling_.at(rows); }
  KernelCost gpu_cost(const StepShape& shape) const;  // of the slowest stage
  double host_us(const StepShape& shape) const;

  // Where the kernel constants are from: "fitted" or "general".
  const std::string& provenance() const { return deployment_.machine.provenance; }

 private:
  // What one pipeline stage runs. Stages that are alike share an entry.
  struct StagePlan {
    int dense_layers = 0, moe_layers = 0;
    int full_layers = 0, windowed_layers = 0;  // by attention
    bool head = false;
    TokenTable layers;  // everything but attention
  };

  static DecodeBatch decodes(const StepShape& shape, bool windowed);
  KernelCost sampling_time(double rows) const;
  // Of one layer.
  struct Attention {
    KernelCost mixed{};
    DecodeCost decodes{};
    bool has_chunks = false;

    void add_to(KernelCost& cost, int layers) const {
      if (!has_chunks) return decodes.add_to(cost, layers);
      cost.add_times(layers, mixed);
    }
  };
  Attention attention_of(const StepShape& shape, bool windowed) const;
  KernelCost stage_cost(const StagePlan& plan, const StepShape& shape, const Attention& full,
                        const Attention& windowed) const;
  KernelCost attention(const StepShape& shape, bool windowed) const;
  struct Slowest {
    KernelCost cost;
    const StagePlan* stage;
  };
  Slowest slowest(const StepShape& shape) const;

  Deployment deployment_;
  CalibratedOptions options_;
  AttentionShape full_, windowed_;
  std::vector<StagePlan> stages_;
  TokenTable sampling_;
};

}  // namespace blis
