// The stand-alone formulas of the vectors, as a table of functions: whoever is tested fills it in.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace blis::conform {

struct CaptureSizesArgs {
  int max_num_seqs = 0;
  int max_num_batched_tokens = 0;
  int decode_query_len = 1;     // 1 + drafts
  std::optional<int> max_size;  // instead of the default limit
};

struct PageBytesArgs {
  int block_size = 0;
  int kv_heads = 0;  // of the model
  int tp = 1;
  int head_size = 0;  // for MLA: latent and rope dimensions together
  double dtype_bytes = 0;
  bool mla = false;
  std::optional<int> head_size_v;  // if it differs
};

struct StopArgs {
  std::int64_t n_out = 0;  // outputs, the last one included
  std::int64_t num_tokens = 0;
  std::int64_t last = 0;  // the token just appended
  std::int64_t max_tokens = 0;
  std::int64_t max_model_len = 0;
  std::int64_t min_tokens = 0;
  std::optional<std::int64_t> eos;
  std::vector<std::int64_t> stops;
  bool ignore_eos = false;
};

// Each throws what it likes for arguments it does not support.
struct Formulas {
  std::function<std::vector<int>(const CaptureSizesArgs&)> capture_sizes;  // ascending
  std::function<std::optional<int>(int tokens, const std::vector<int>& sizes)> pad_to_graph;
  std::function<double(const PageBytesArgs&)> page_bytes;  // of one block in one layer on one GPU
  std::function<std::int64_t(double available_bytes, double page_bytes, int layers)> num_gpu_blocks;
  // Blocks that hit, given for each of a prompt's blocks whether it is cached.
  std::function<int(const std::vector<bool>& cached, int window, int block_size)> swa_hit;
  std::function<int(int computed, int window, int block_size)> swa_skipped_blocks;
  std::function<std::optional<std::string>(const StopArgs&)> stop_reason;  // "stop", "length", none
};

}  // namespace blis::conform
