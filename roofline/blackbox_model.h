// The latency model `blackbox`: a step's time as a linear function of what is in it, with coefficients
// that the user gives or that are fitted to measured steps. The seed's other approach.
#pragma once

#include <span>

#include "roofline/explained_model.h"

namespace blis {

// Microseconds. All >= 0 and finite, not all 0.
struct BlackboxCoefficients {
  double step_us = 0;           // beta 0: any step
  double prefill_token_us = 0;  // beta 1: a prompt token computed
  double decode_token_us = 0;   // beta 2: a decoding sequence
  double context_token_us = 0;  // a token of context that a decode reads; 0 in the seed's form
  double request_us = 0;        // alpha 0: before a request reaches the engine
  double request_token_us = 0;  // alpha 1: the same, a prompt token
};

class BlackboxModel final : public ExplainedModel {
 public:
  // Throws InputError for coefficients out of range.
  explicit BlackboxModel(const BlackboxCoefficients& coefficients);
  StepCost step(const StepShape& shape) const override;
  StepExplanation explain(const StepShape& shape) const override;

 private:
  BlackboxCoefficients c_;
};

// A measured step.
struct StepObservation {
  double prefill_tokens = 0;
  double decodes = 0;
  double decode_context = 0;  // summed
  double us = 0;
};

struct BlackboxFit {
  BlackboxCoefficients coefficients;
  double median_error_percent = 0;  // absolute, on the observations themselves
};
// Least squares of relative errors, coefficients held at 0 where they would be negative. Throws
// InputError with fewer than two observations or times that are not positive.
BlackboxFit fit_blackbox(std::span<const StepObservation> observations);

}  // namespace blis
