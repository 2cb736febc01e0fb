// The least arithmetic and memory traffic that a step needs, whatever prices it: where its point lies in
// a roofline plot.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "roofline/hardware.h"
#include "roofline/model_config.h"

namespace blis {

// What a step record knows of its batch.
struct StepTotals {
  double prefill_tokens = 0;
  double prefills = 0;        // chunks
  double decodes = 0;         // sequences
  double decode_context = 0;  // sum over decodes
};

struct StepWork {
  double flops = 0;
  double bytes = 0;
};

// Layers whose attention is alike but for how far it looks back.
struct AttentionWork {
  struct Seen {
    double layers = 0;
    double window = 0;  // tokens; 0: all of the context
  };
  double flops_per_pair = 0;      // of a query and a key, in one layer
  double kv_bytes_per_token = 0;  // in all its layers, with the copies that tensor parallelism makes
  double layers = 0;
  std::vector<Seen> seen{};
};
// Of all layers that keep a state, on all GPUs.
struct StateWork {
  double bytes = 0;  // of one sequence
  double flops_per_decode = 0;
  double flops_per_prefill_token = 0;
};
struct ExpertWork {
  double bytes = 0;
  double used_share = 0;  // of the experts, by one token
};

// A replica's GPUs together, with everything that stays the same between steps multiplied out.
struct WorkModel {
  int gpus = 1;
  double peak_flops = 0;    // FLOP/s of the replica in 16 bits
  double peak_flops_8 = 0;  // in 8 bits, where the model's products run in them; else 0
  double peak_bytes = 0;    // B/s

  double flops_per_token = 0;   // projections, MLPs and the experts a token goes to
  double flops_per_sample = 0;  // LM head
  double dense_bytes = 0;       // weights that every step reads
  std::vector<AttentionWork> attention{};
  StateWork states{};
  std::vector<ExpertWork> experts{};
};

// `kv_dtype_bytes` 0: the model's own choice.
WorkModel make_work_model(const ModelConfig& model, const Hardware& hardware, const Parallelism& parallel,
                          double kv_dtype_bytes);

// Two FLOPs for each weight a token passes through and for each product of attention; weights and cached
// keys and values once a step. Left out, as a step's record does not tell it: what prefill chunks have as
// context, and drafts. Left out as small: norms, rotary embedding, softmax, activations that spill.
StepWork step_work(const WorkModel& model, const StepTotals& step);

}  // namespace blis
