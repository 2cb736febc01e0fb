// The formulas that vectors of the kind `formula` ask for. Spec, sections 9, 14, 15 and 17.
#include <algorithm>
#include <cmath>

#include "tests/oracle/subject.h"

namespace blis::oracle {
namespace {

std::vector<int> capture_sizes(const conform::CaptureSizesArgs& a) {
  const int usual = std::min(a.max_num_seqs * a.decode_query_len * 2, 512);
  const int largest = std::min(a.max_size.value_or(usual), a.max_num_batched_tokens);
  std::vector<int> sizes;
  for (int size : {1, 2, 4}) {
    if (size <= largest) sizes.push_back(size);
  }
  for (int size = 8; size < 256 && size <= largest; size += 8) sizes.push_back(size);
  for (int size = 256; size <= largest; size += 16) sizes.push_back(size);
  return sizes;
}

std::optional<int> pad_to_graph(int tokens, const std::vector<int>& sizes) {
  const auto found = std::find_if(sizes.begin(), sizes.end(), [&](int size) { return size >= tokens; });
  return found == sizes.end() ? std::nullopt : std::optional(*found);
}

double page_bytes(const conform::PageBytesArgs& a) {
  if (a.mla) return a.block_size * a.head_size * a.dtype_bytes;  // one latent vector a token, on every rank
  const int local_heads = std::max(1, a.kv_heads / a.tp);        // replicated where there are more ranks
  return a.block_size * local_heads * (a.head_size + a.head_size_v.value_or(a.head_size)) * a.dtype_bytes;
}

std::int64_t num_gpu_blocks(double available, double page, int layers) {
  return std::max<std::int64_t>(static_cast<std::int64_t>(std::floor(std::floor(available / page) / layers)),
                                0);
}

int swa_hit(const std::vector<bool>& cached, int window, int block_size) {
  const int need = (window - 1 + block_size - 1) / block_size;
  int run = 0;
  for (int i = static_cast<int>(cached.size()) - 1; i >= 0; --i) {
    run = cached[static_cast<std::size_t>(i)] ? run + 1 : 0;
    if (run >= need) return i + run;
  }
  return run;
}

int swa_skipped_blocks(int computed, int window, int block_size) {
  return std::max(0, computed - window + 1) / block_size;
}

std::optional<std::string> stop_reason(const conform::StopArgs& a) {
  if (a.n_out < a.min_tokens) return std::nullopt;
  if (a.eos && a.last == *a.eos && !a.ignore_eos) return "stop";
  if (std::find(a.stops.begin(), a.stops.end(), a.last) != a.stops.end()) return "stop";
  if (a.num_tokens >= a.max_model_len || a.n_out >= a.max_tokens) return "length";
  return std::nullopt;
}

}  // namespace

conform::Formulas formulas() {
  return {.capture_sizes = capture_sizes,
          .pad_to_graph = pad_to_graph,
          .page_bytes = page_bytes,
          .num_gpu_blocks = num_gpu_blocks,
          .swa_hit = swa_hit,
          .swa_skipped_blocks = swa_skipped_blocks,
          .stop_reason = stop_reason};
}

}  // namespace blis::oracle
