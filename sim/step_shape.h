// What a step computes (StepShape) and what it costs (StepCost): the two words that the engine
// and a latency model share.
#pragma once

#include <cstdint>
#include <span>

#include "sim/cost_part.h"
#include "sim/units.h"

namespace blis {

// `new_tokens` prompt tokens of one sequence, computed on top of `context` tokens that already
// have their keys and values (computed earlier, or found in the prefix cache).
struct PrefillChunk {
  std::int32_t new_tokens = 0;
  std::int32_t context = 0;
  bool samples = false;  // the chunk ends the prompt, so its last position is sampled
};

// One batch. Prefill chunks are few and listed; decodes are many and only their sums matter, so
// that adding a token to every running sequence changes two integers.
struct StepShape {
  std::span<const PrefillChunk> prefills{};
  std::int64_t decodes = 0;         // decoding sequences
  std::int64_t decode_tokens = 0;   // positions they compute: `decodes`, plus drafts
  std::int64_t decode_context = 0;  // sum over decodes of tokens computed before this step
  std::int64_t window_context = 0;  // the same sum with each context cut at the model's attention
                                    // window; equals decode_context for a model without one
  std::int64_t prefill_tokens = 0;  // sum of new_tokens over `prefills`
  std::int64_t sampled = 0;         // rows that reach the LM head
  std::int64_t graph_tokens = 0;    // tokens after CUDA-graph padding; 0 when no graph fits
  std::int64_t encoded = 0;         // embeddings of items (images) that the encoder computes before them
  std::int64_t drafts = 0;          // that are made for each sequence, behind the batch
  double encoded_pairs = 0;         // sum of the squares of the items' embeddings

  std::int64_t tokens() const { return prefill_tokens + decode_tokens; }
  bool empty() const { return tokens() == 0; }
};

// Cost of one step on the slowest GPU; with pipeline stages, in the slowest stage.
struct StepCost {
  Seconds total{};
  Seconds once{};         // of `total`, what a batch does not pay again in each further pipeline stage
  ByPart<Seconds> parts;  // they sum to `total`

  Seconds& operator[](CostPart part) { return parts[part]; }
  Seconds operator[](CostPart part) const { return parts[part]; }

  // What binds the step: its largest part, the earlier one of equals.
  CostPart bound() const {
    CostPart largest = CostPart::compute;
    double most = parts[largest].count();
    for_each_cost_part([&]<CostPart kPart>() {
      const double part = parts[kPart].count();
      largest = part > most ? kPart : largest;
      most = part > most ? part : most;
    });
    return largest;
  }
};

}  // namespace blis
