// The interface between the engine and what knows the hardware.
#pragma once

#include <string_view>

#include "sim/step_shape.h"

namespace blis {

class LatencyModel {
 public:
  virtual ~LatencyModel() = default;

  // Cost of one step of this shape; an empty shape is legal and costs the fixed overheads.
  // Pure: equal shapes give equal answers. Total is finite and > 0 for a shape with tokens.
  virtual StepCost step(const StepShape& shape) const = 0;
};

}  // namespace blis
