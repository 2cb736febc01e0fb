#include "roofline/release_changes.h"

#include <algorithm>
#include <array>

namespace blis {
namespace {

using enum Change;
constexpr std::array kChanges{
    ReleaseChange{full_graphs, "2025-09-23", 11,
                  "decode steps are captured as one CUDA graph (FULL_AND_PIECEWISE)", "vllm#25444", false},
    ReleaseChange{
        sorting_sampler, "2025-10-15", 11,
        "top-p and top-k sort the vocabulary, as FlashInfer's sampler is no longer the default (0.11.1)",
        "vllm#26859", true},
    ReleaseChange{async_scheduling, "2025-12-16", 14, "asynchronous scheduling by default",
                  "vllm/config/vllm.py, async_scheduling", true},
    ReleaseChange{sampling_without_sort, "2026-02-01", 16, "top-p and top-k select without sorting",
                  "vllm/v1/sample/ops/topk_topp_sampler.py; timings of vllm#40376", true},
    ReleaseChange{graph_memory, "2026-04-21", 20, "memory of CUDA graphs is taken off the KV cache",
                  "vllm#38284", true},
    ReleaseChange{utilization_92, "2026-04-21", 20, "gpu_memory_utilization is 0.92 by default",
                  "vllm/config/cache.py", true},
    ReleaseChange{large_gpu_budget, "2026-08-11", 28,
                  "16384 tokens a step by default on GPUs with 160 GiB and more",
                  "vllm/engine/arg_utils.py, get_batch_defaults", true},
    ReleaseChange{flashinfer_all_reduce, "2026-08-19", 29,
                  "all-reduces by FlashInfer by default; priced as vLLM's custom and NCCL's", "vllm#52998",
                  false},
    ReleaseChange{null_block_counts, "2026-08-20", 29,
                  "the check of the longest request counts the null block", "vllm/v1/core/kv_cache_utils.py",
                  true},
};

}  // namespace

std::span<const ReleaseChange> release_changes() {
  return kChanges;
}

bool has_change(Change change, std::string_view date) {
  return date >= std::ranges::find(kChanges, change, &ReleaseChange::change)->from;
}

}  // namespace blis
