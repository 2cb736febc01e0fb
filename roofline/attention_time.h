// Time of one layer's attention kernels on one GPU.
#pragma once

#include <span>

#include "roofline/attention_shape.h"
#include "roofline/kernel_cost.h"
#include "roofline/machine.h"
#include "sim/step_shape.h"

namespace blis {

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

// One layer's attention on one GPU, with all that stays the same between steps multiplied out.
class AttentionTime {
 public:
  AttentionTime(const Machine& machine, const AttentionShape& shape);

  // Prefill chunks and decodes of one batch. Pure; grows with every argument.
  KernelCost mixed(std::span<const PrefillChunk> prefills, const DecodeBatch& decodes) const;
  // `decodes` has sequences.
  DecodeCost decodes(const DecodeBatch& decodes) const {
    DecodeCost cost = without_launch(decodes);
    cost.launch_us = decode_.t0_us + cost.launch_us;
    return cost;
  }

 private:
  DecodeCost without_launch(const DecodeBatch& decodes) const;
  struct PrefillWork;
  PrefillWork work_of(std::span<const PrefillChunk> prefills) const;

  AttentionShape shape_;
  AttentionKernel kernel_;
  PrefillConstants prefill_;
  DecodeConstants decode_;
  double bytes_rate_;  // of memory
  double sms_;
  double flops_per_pair_;         // of a query, key and value, in one head
  double flops_rate_;             // reached in prefill
  double read_rate_;              // of the cache, reached in decoding
  double decode_flops_per_pair_;  // in all heads
  double decode_tiles_;           // a sequence
  double group_;                  // query heads that share a tile
};

}  // namespace blis
