// Which batch sizes vLLM captures as CUDA graphs, and to which a step is padded (scheduler
// specification, section 15).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace blis {

// Captured sizes in tokens, ascending: 1, 2, 4, then every 8 below 256, then every 16 up to
// min(2 x max_num_seqs x (1 + drafts), 512, max_num_batched_tokens). With drafts each size is rounded up
// to a multiple of 1 + drafts, and those that pass the limit are left out. `max_size` > 0 takes the
// place of the first two terms (vLLM's max_cudagraph_capture_size).
// Arguments >= 1, `drafts` >= 0.
std::vector<int> graph_capture_sizes(int max_num_seqs, int max_num_batched_tokens, int drafts = 0,
                                     int max_size = 0);

// The smallest captured size that holds `tokens` >= 1; 0 when none does and the step runs without a
// graph. `sizes` ascending.
std::int64_t graph_padded(std::int64_t tokens, std::span<const int> sizes);

}  // namespace blis
