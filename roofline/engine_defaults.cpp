#include "roofline/engine_defaults.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string>

namespace blis {
namespace {

// Dates of the merges to mainline.
constexpr std::string_view kAsyncByDefault = "2025-12-16";  // vLLM 0.14
// FlashInfer's sampler, which the official images have and which does not sort, was the default until
// vllm#26859 (0.11.1); 0.16 selects without sorting whatever the sampler is.
constexpr std::string_view kSorting = "2025-10-15";
constexpr std::string_view kSamplingWithoutSort = "2026-02-01";
constexpr std::string_view kGraphMemorySubtracted = "2026-04-21";  // #38284
constexpr std::string_view kUtilization92 = "2026-04-21";
constexpr std::string_view kLargeGpuBudget = "2026-08-11";

bool is_a100(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.find("a100") != std::string::npos;
}

}  // namespace

EngineDefaults default_engine(double memory_gib, std::string_view gpu_name, std::string_view date,
                              bool api_server) {
  EngineDefaults d;
  if (memory_gib >= 160 && date >= kLargeGpuBudget) {
    d.max_num_batched_tokens = 16384;
    d.max_num_seqs = 1024;
  } else if (memory_gib >= 70 && !is_a100(gpu_name)) {
    d.max_num_batched_tokens = api_server ? 8192 : 16384;
    d.max_num_seqs = 1024;
  } else {
    d.max_num_batched_tokens = api_server ? 2048 : 8192;
    d.max_num_seqs = 256;
  }
  d.gpu_memory_utilization = date >= kUtilization92 ? 0.92 : 0.9;
  d.async_scheduling = date >= kAsyncByDefault;
  d.subtract_graph_memory = date >= kGraphMemorySubtracted;
  d.sort_to_sample = date >= kSorting && date < kSamplingWithoutSort;
  return d;
}

Limits settle_limits(Limits l, bool user_tokens, bool user_seqs, int max_model_len, bool chunked_prefill) {
  if (!user_tokens) {
    if (!chunked_prefill) l.max_num_batched_tokens = std::max(l.max_num_batched_tokens, max_model_len);
    const std::int64_t most = std::int64_t{l.max_num_seqs} * max_model_len;
    l.max_num_batched_tokens = static_cast<int>(std::min<std::int64_t>(l.max_num_batched_tokens, most));
  }
  if (!user_seqs) l.max_num_seqs = std::min(l.max_num_seqs, l.max_num_batched_tokens);
  return l;
}

}  // namespace blis
