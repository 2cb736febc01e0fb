#include "roofline/cuda_graphs.h"

#include <algorithm>

namespace blis {
namespace {

constexpr int kLargestGraph = 512;

int round_up(int size, int multiple) {
  return (size + multiple - 1) / multiple * multiple;
}

}  // namespace

std::vector<int> graph_capture_sizes(int max_num_seqs, int max_num_batched_tokens, int drafts, int max_size) {
  const int per_sequence = 1 + drafts;
  const std::int64_t by_sequences = std::int64_t{2} * max_num_seqs * per_sequence;
  const std::int64_t largest = max_size > 0 ? max_size : std::min<std::int64_t>(by_sequences, kLargestGraph);
  const int limit = static_cast<int>(std::min<std::int64_t>(largest, max_num_batched_tokens));
  std::vector<int> sizes;
  auto add = [&](int size) {
    const int rounded = round_up(size, per_sequence);
    if (rounded <= limit && (sizes.empty() || sizes.back() != rounded)) sizes.push_back(rounded);
  };
  for (int size : {1, 2, 4}) {
    if (size <= limit) add(size);
  }
  for (int size = 8; size <= limit && size < 256; size += 8) add(size);
  for (int size = 256; size <= limit; size += 16) add(size);
  return sizes;
}

std::int64_t graph_padded(std::int64_t tokens, std::span<const int> sizes) {
  const auto it = std::lower_bound(sizes.begin(), sizes.end(), tokens);
  return it == sizes.end() ? 0 : *it;
}

}  // namespace blis
