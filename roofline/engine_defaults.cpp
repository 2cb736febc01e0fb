#include "roofline/engine_defaults.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "roofline/release_changes.h"
#include "sim/letter_case.h"

namespace blis {
namespace {

bool is_a100(std::string_view name) {
  return lower_case(name).find("a100") != std::string::npos;
}

}  // namespace

EngineDefaults default_engine(double memory_gib, std::string_view gpu_name, std::string_view date,
                              bool api_server) {
  EngineDefaults d;
  if (memory_gib >= 160 && has_change(Change::large_gpu_budget, date)) {
    d.max_num_batched_tokens = 16384;
    d.max_num_seqs = 1024;
  } else if (memory_gib >= 70 && !is_a100(gpu_name)) {
    d.max_num_batched_tokens = api_server ? 8192 : 16384;
    d.max_num_seqs = 1024;
  } else {
    d.max_num_batched_tokens = api_server ? 2048 : 8192;
    d.max_num_seqs = 256;
  }
  d.gpu_memory_utilization = has_change(Change::utilization_92, date) ? 0.92 : 0.9;
  d.async_scheduling = has_change(Change::async_scheduling, date);
  d.subtract_graph_memory = has_change(Change::graph_memory, date);
  d.sort_to_sample =
      has_change(Change::sorting_sampler, date) && !has_change(Change::sampling_without_sort, date);
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
