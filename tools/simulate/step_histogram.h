// Steps by how long they took.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/step_log.h"

namespace blis {

// Buckets of equal ratio, for steps with and without prefills and decodes.
struct StepHistogram {
  StepHistogram();
  void add(const StepRecord& step);

  std::vector<double> upper_ms;  // of each bucket
  std::vector<std::int64_t> decode_only, mixed, prefill_only;
};

}  // namespace blis
