// What an engine's KV cache holds, as vLLM would log it at its start.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenarios/resolved_scenario.h"

namespace blis {

struct SequencesThatFit {
  std::int64_t tokens = 0;  // of each
  std::int64_t count = 0;
};

struct EngineMemory {
  std::string engine;             // "2x H100-SXM"; empty where the memory was given and no GPU
  std::vector<MemoryTerm> taken;  // on the GPU that bounds the result, beside the KV cache
  double kv_bytes = 0;            // for the KV cache on each GPU
  int block_size = 0;             // tokens
  std::int64_t block_bytes = 0;   // of a block on one GPU, over all its layers
  std::int64_t num_blocks = 0;    // with the null block; 0: nothing is left
  int kv_groups = 0;
  std::int64_t max_model_len = 0;
  double max_concurrency = 0;  // requests of max_model_len that fit
  std::int64_t kv_tokens = 0;  // that times max_model_len
  std::vector<SequencesThatFit> sequences{};
  std::optional<int> least_tensor_parallel{};  // with which a request of max_model_len fits, up to 64
};

// Of the resolved engine; with `kv_bytes` for the KV cache on each GPU, if they are given. `lengths`: of the
// sequences to count; none for a usual choice.
EngineMemory engine_memory(const ResolvedScenario& resolved, std::optional<double> kv_bytes,
                           std::span<const std::int64_t> lengths);

}  // namespace blis
