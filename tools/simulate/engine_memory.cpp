#include "tools/simulate/engine_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "blis/error.hpp"
#include "roofline/evidence.h"

namespace blis {
namespace {

std::vector<std::int64_t> usual_lengths(std::int64_t longest) {
  std::vector<std::int64_t> lengths;
  for (std::int64_t length = 1024; length < longest; length *= 4) lengths.push_back(length);
  lengths.push_back(longest);
  return lengths;
}

std::optional<int> least_tensor_parallel(const ResolvedScenario& d, const MemorySettings& memory) {
  constexpr int kMost = 64;
  for (int tensor = 1; tensor <= kMost; tensor *= 2) {
    Parallelism parallel = d.parallel;
    parallel.tensor = tensor;
    try {
      if (kv_capacity(d.model, d.hardware, parallel, memory).feasible()) return tensor;
    } catch (const InputError&) {  // it cannot be split that way
    }
  }
  return std::nullopt;
}

}  // namespace

EngineMemory engine_memory(const ResolvedScenario& d, std::optional<double> kv_bytes,
                           std::span<const std::int64_t> lengths) {
  MemorySettings settings = memory_settings(d);
  if (kv_bytes) settings.kv_cache_bytes = *kv_bytes;
  KvCapacity kv = kv_capacity(d.model, d.hardware, d.parallel, settings);
  if (const auto blocks = d.scenario.engine.num_gpu_blocks_override) kv.num_blocks = *blocks;
  EngineMemory memory{.engine = kv_bytes ? ""
                                         : fmt::format("{}x {} ({})", d.parallel.gpus(), d.hardware.name,
                                                       to_string(evidence_of(d.hardware))),
                      .taken = kv.taken,
                      .kv_bytes = std::max(0.0, kv.available_bytes),
                      .block_size = kv.layout.groups.empty() ? settings.block_size : kv.layout.block_size,
                      .block_bytes = kv.block_bytes,
                      .num_blocks = kv.num_blocks,
                      .kv_groups = static_cast<int>(kv.layout.groups.size()),
                      .max_model_len = settings.max_model_len};
  const std::int64_t in_flight = std::int64_t{settings.batches_in_flight} * settings.max_num_batched_tokens;
  const auto blocks_for = [&](std::int64_t tokens) { return request_blocks(kv.layout, in_flight, tokens); };
  if (const std::int64_t longest = blocks_for(settings.max_model_len); longest > 0) {
    memory.max_concurrency = static_cast<double>(kv.num_blocks) / static_cast<double>(longest);
    memory.kv_tokens = kv.num_blocks * settings.max_model_len / longest;
  }
  const std::vector<std::int64_t> usual = usual_lengths(settings.max_model_len);
  for (const std::int64_t tokens : lengths.empty() ? std::span<const std::int64_t>(usual) : lengths) {
    const std::int64_t blocks = blocks_for(tokens);
    memory.sequences.push_back({tokens, blocks > 0 ? kv.usable_blocks() / blocks : 0});
  }
  if (!kv_bytes) memory.least_tensor_parallel = least_tensor_parallel(d, settings);
  return memory;
}

}  // namespace blis
