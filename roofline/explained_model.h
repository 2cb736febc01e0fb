// A latency model that can also say how it came to its answer, term by term: what `blis step` prints.
#pragma once

#include <string>
#include <vector>

#include "sim/latency_model.h"

namespace blis {

// One figure on the way to a step's time.
struct StepTerm {
  std::string name;  // snake_case, unique within an explanation: "prefill_gemm_flops"
  double value = 0;
  std::string unit;  // "us", "FLOP", "B", "tokens", ...
};

struct StepExplanation {
  StepCost cost;
  std::vector<StepTerm> terms;  // in the order in which they are computed
  std::string binds;            // one sentence on the largest part
};

class ExplainedModel : public LatencyModel {
 public:
  // The same total as step(shape), to the last bit.
  virtual StepExplanation explain(const StepShape& shape) const = 0;
};

}  // namespace blis
