#include "sim/step_shape.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace blis {

std::string_view to_string(Bound bound) {
  switch (bound) {
    case Bound::compute:
      return "compute";
    case Bound::weights:
      return "weights";
    case Bound::kv:
      return "kv";
    case Bound::communication:
      return "communication";
    case Bound::launch:
      return "launch";
    case Bound::host:
      return "host";
  }
  return "?";
}

Bound StepCost::bound() const {
  const std::array parts{compute, weights, kv, communication, launch, host};
  return static_cast<Bound>(std::ranges::max_element(parts) - parts.begin());
}

}  // namespace blis
