// What changed step times, memory or defaults from one vLLM release to the next: one table, each row with its
// source. What is older than the engine V1 is refused elsewhere (scenarios/not_modelled.h).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace blis {

enum class Change : std::uint8_t {
  full_graphs,            // decodes as one CUDA graph
  sorting_sampler,        // the native sampler, which sorts, in place of FlashInfer's
  async_scheduling,       // by default
  sampling_without_sort,  // whatever the sampler is
  graph_memory,           // taken off the KV cache
  utilization_92,         // of memory, in place of 0.9
  large_gpu_budget,       // 16384 tokens on GPUs with 160 GiB and more
  flashinfer_all_reduce,  // by default
  null_block_counts,      // in the check of the longest request
};

struct ReleaseChange {
  Change change;
  std::string_view from;  // mainline's date, ISO form
  int minor;              // the release 0.N that has it first; 0: as the date says
  std::string_view what;  // for people
  std::string_view source;
  bool is_priced;  // false: known, and without effect on the results here
};

// By date.
std::span<const ReleaseChange> release_changes();

// Whether code of mainline's `date` has it.
bool has_change(Change change, std::string_view date);

}  // namespace blis
