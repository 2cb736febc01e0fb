// Time of one layer's attention kernels on one GPU.
#pragma once

#include <span>

#include "roofline/kernel_cost.h"
#include "roofline/machine.h"
#include "sim/step_shape.h"

namespace blis {

// One layer on one rank.
struct AttentionShape {
  double heads = 1;
  double kv_heads = 1;
  double qk_dim = 128;    // of a query and a key
  double v_dim = 128;     // of a value
  double kv_bytes = 512;  // that one token's keys and values occupy here
  double window = 0;      // tokens a position sees at most; 0: all
  bool latent = false;    // MLA: decoding multiplies queries with the compressed cache, all heads at once
  double latent_dim = 0;  // of the compressed vector, with its rotary part
};

// Sums over the decoding sequences of a step.
struct DecodeBatch {
  double sequences = 0;
  double tokens = 0;   // new positions: sequences, plus drafts
  double context = 0;  // sum of contexts, each cut at the window
};

// Of decodes alone: what binds them is one thing.
struct DecodeCost {
  double us = 0;  // reading the cache, or computing, joined with the tiles' fixed time
  double launch_us = 0;
  bool compute_bound = false;

  void add_to(KernelCost& cost, double layers) const {
    if (compute_bound) {
      cost.add<CostPart::compute>(layers * us);
    } else {
      cost.add<CostPart::kv>(layers * us);
    }
    cost.add<CostPart::launch>(layers * launch_us);
  }
};
// `decodes` has sequences.
DecodeCost decode_time(const Machine& machine, const AttentionShape& shape, const DecodeBatch& decodes);

// Prefill chunks and decodes of one batch. Pure; grows with every argument.
KernelCost attention_time(const Machine& machine, const AttentionShape& shape,
                          std::span<const PrefillChunk> prefills, const DecodeBatch& decodes);

}  // namespace blis
