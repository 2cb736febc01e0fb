// The latency model `roofline`: the seed document's formula, to the microsecond. It needs nothing but
// a data sheet and is not accurate; `calibrated` mends what it leaves out.
#pragma once

#include "roofline/explained_model.h"
#include "roofline/hardware.h"
#include "roofline/model_config.h"
#include "roofline/seed_work.h"

namespace blis {

// step time = max(compute, memory) of the prefill chunks + the same of the decodes + fixed overheads
// + two all-reduces a layer under tensor parallelism, rounded half away from zero to whole
// microseconds. Pipeline stages, quantization and experts do not exist here.
class SeedRoofline final : public ExplainedModel {
 public:
  // Throws InputError: a model with experts (the formula counts one dense MLP a layer), a missing or
  // non-positive hardware figure, or tensor_parallel < 1.
  SeedRoofline(const ModelConfig& model, const Hardware& hardware, int tensor_parallel);

  StepCost step(const StepShape& shape) const override;
  StepExplanation explain(const StepShape& shape) const override;

 private:
  // What a phase is made of: enough because the formula is linear in these.
  struct PhaseTokens {
    double new_tokens = 0;
    double pairs = 0;    // sum of new tokens x effective context
    double context = 0;  // sum of history read
  };
  struct Phase {
    double compute_us = 0;
    double weights_us = 0;  // activations included
    double activations_us = 0;
    double kv_us = 0;
    double memory_us() const { return weights_us + kv_us; }
    double total_us() const { return compute_us > memory_us() ? compute_us : memory_us(); }
  };
  static PhaseTokens prefill_tokens(const StepShape& shape);
  static PhaseTokens decode_tokens(const StepShape& shape);
  Phase phase(const PhaseTokens& tokens, double us_per_gemm_flop) const;
  StepCost cost(const Phase& prefill, const Phase& decode) const;

  seed::Shape model_;
  int tensor_parallel_;

  // Work of one new token and of one score pair, per GPU.
  double gemm_per_token_, gemm_per_pair_, vector_per_token_, vector_per_pair_;
  double us_per_prefill_flop_, us_per_decode_flop_, us_per_vector_flop_;
  double weights_us_, us_per_activation_token_, us_per_kv_token_;
  double launch_us_, all_reduce_us_;
};

}  // namespace blis
