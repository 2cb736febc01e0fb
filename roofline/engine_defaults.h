// What vLLM sets when the user does not, by GPU and version (scheduler specification, sections 0, 13).
#pragma once

#include <string_view>

namespace blis {

struct EngineDefaults {
  int max_num_batched_tokens = 2048;
  int max_num_seqs = 256;
  double gpu_memory_utilization = 0.9;
  bool async_scheduling = true;       // where supported
  bool subtract_graph_memory = true;  // from the KV cache
  bool sort_to_sample = false;        // top-p and top-k sort the whole vocabulary
};

// `date` is a mainline date in ISO form (of the version preset), compared as text. `gpu_name` is the
// catalog's; `memory_gib` what the driver reports, > 0. `api_server` false: the offline `LLM` class.
EngineDefaults default_engine(double memory_gib, std::string_view gpu_name, std::string_view date,
                              bool api_server = true);

// The corrections vLLM makes once everything is known. `user_*` says that the value is the user's and
// stays as it is.
struct Limits {
  int max_num_batched_tokens = 0;
  int max_num_seqs = 0;
};
Limits settle_limits(Limits limits, bool user_tokens, bool user_seqs, int max_model_len,
                     bool chunked_prefill);

}  // namespace blis
