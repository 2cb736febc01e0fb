// Whether an engine would ever run a batch, as its scheduler's limits have it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/vllm/scheduler_config.h"

namespace blis {

// Sequences alike.
struct BatchPart {
  std::string shown;  // as the user wrote it: "--decode 32@1024"
  bool prefill = false;
  std::int64_t sequences = 0;
  std::int64_t tokens = 0;   // that the step computes of each
  std::int64_t context = 0;  // that each has in the KV cache already
};

// A sentence, with its arithmetic, for each limit that the batch is beyond. KV blocks are the least that
// these sequences can do with; with no blocks in `config` they are not looked at.
std::vector<std::string> beyond_limits(std::span<const BatchPart> batch, const SchedulerConfig& config);

}  // namespace blis
