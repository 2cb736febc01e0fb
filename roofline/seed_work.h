// The seed roofline's FLOPs and bytes, one named function each, of one request or one step over the
// whole model (before tensor parallelism). What it leaves out is left out on purpose: no LM head, no
// embedding, no sampling, and head_dim is hidden / heads whatever the config says.
#pragma once

#include <cstdint>

#include "roofline/model_config.h"
#include "sim/units.h"

namespace blis::seed {

// All that the seed knows of a model: layers that are alike, of attention over all of the context and a gated
// MLP.
struct Shape {
  int layers = 0;
  std::int64_t hidden = 0;
  int heads = 0;
  int kv_heads = 0;
  std::int64_t ffn = 0;
  double dtype_bytes = 2;
};
// Of the first layer with attention, and the first with a gated MLP.
Shape shape_of(const ModelConfig& model);

// Tokens of one request in a step: `new_tokens` >= 1 computed on top of `context` >= 0.
// Doubles, because a decode batch is priced as one request of the batch's sums.
struct RequestTokens {
  double new_tokens = 0;
  double context = 0;
};

// Mean number of keys a new token attends to: c, or c + (n - 1) / 2 within a chunk.
double effective_context(RequestTokens tokens);

Flops projection_flops(const Shape& model, double new_tokens);  // Q, K, V and output
Flops mlp_flops(const Shape& model, double new_tokens);         // gated, three matrices
// Given score pairs: sum over requests of new tokens x effective context.
Flops score_flops(const Shape& model, double pairs);                      // QK^T and AV
Flops vector_flops(const Shape& model, double pairs, double new_tokens);  // softmax, mask, rotary

Flops gemm_flops(const Shape& model, RequestTokens tokens);  // projections + scores + MLP
Flops vector_flops(const Shape& model, RequestTokens tokens);

Bytes weight_bytes(const Shape& model);                        // all layers, read once a phase
Bytes kv_growth_bytes(const Shape& model, double new_tokens);  // keys and values written
Bytes kv_access_bytes(const Shape& model, double context);     // history read
Bytes activation_bytes(const Shape& model, double new_tokens);

}  // namespace blis::seed
