// Where the filling-up of an empty system ends and its steady state begins: the warm-up, found in the run
// itself.
#pragma once

#include <cstdint>

#include "sim/run_result.h"

namespace blis {

struct Warmup {
  std::uint32_t requests = 0;  // the first so many are to be left out
  bool settled = true;         // false: no steady state within the first half; `requests` is then 0
};

// MSER-5 (White, Cobb and Spratt, 2000) on the number of requests that each arrival finds in the system:
// the cut after which the mean of what is left has the smallest standard error. A run of fewer than 200
// requests is left as it is.
Warmup detect_warmup(const RunResult& run);

}  // namespace blis
