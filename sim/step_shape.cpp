#include "sim/step_shape.h"

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

}  // namespace blis
