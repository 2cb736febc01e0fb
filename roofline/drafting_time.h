// What it takes to make drafts, beside checking them: the drafter runs behind the model in every step. Its
// first pass is over all tokens of the step, as its own KV cache must know them; each further draft is a pass
// of one token of every sequence. Source: vllm/v1/spec_decode/.
#pragma once

#include <cstdint>
#include <memory>

#include "roofline/drafter.h"
#include "roofline/hardware.h"
#include "roofline/kernel_cost.h"
#include "roofline/token_table.h"
#include "sim/step_shape.h"

namespace blis {

class CalibratedModel;
struct CalibratedOptions;

class DraftingTime {
 public:
  // Of a drafter with layers.
  DraftingTime(const Drafter& drafter, const Hardware& hardware, const Parallelism& parallel,
               const CalibratedOptions& options);

  // On the last pipeline stage. Nothing for a step that makes no drafts (StepShape::drafts).
  KernelCost of(const StepShape& shape) const;

 private:
  KernelCost pass(const StepShape& shape, const TokenTable& by_tokens) const;

  std::shared_ptr<const CalibratedModel> module_;  // as a model of its own
  std::int64_t modules_, limit_;                   // tokens that its layers look back at most
  bool rereads_, captured_;
  TokenTable first_, later_;  // passes
};

// The host's time to search n-grams in what sequences have said, one after the other.
double search_us(const StepShape& shape);

}  // namespace blis
