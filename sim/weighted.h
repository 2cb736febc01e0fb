// A sample with a multiplicity.
#pragma once

#include <cstdint>

namespace blis {

struct Weighted {
  std::int64_t value;   // nanoseconds
  std::int64_t weight;  // > 0
  friend bool operator==(const Weighted&, const Weighted&) = default;
};

}  // namespace blis
