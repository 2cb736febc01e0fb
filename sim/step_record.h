// What an engine notes of each step.
#pragma once

#include <cstdint>

#include "sim/cost_part.h"
#include "sim/units.h"

namespace blis {

// One executed step.
struct StepRecord {
  Time start{};
  Time end{};
  std::int64_t decode_context = 0;  // StepShape::decode_context
  std::int32_t decodes = 0;
  std::int32_t prefill_tokens = 0;
  std::int32_t steady = 0;       // tokens that came `distance` steps after their predecessor
  std::int32_t used_blocks = 0;  // after scheduling
  std::int32_t running = 0;      // sequences admitted, after scheduling
  std::int32_t waiting = 0;      // left waiting, after scheduling
  Duration stretched{0};         // how much longer decodes took for the prefill chunks beside
                                 // them, in this step and all before
  std::uint16_t prefills = 0;
  std::uint16_t preemptions = 0;
  std::uint16_t distance = 1;  // 1; with pipeline batches, how many were in flight
  CostPart bound = CostPart::host;
};
static_assert(sizeof(StepRecord) <= 64);

}  // namespace blis
