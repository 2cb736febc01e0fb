// What an attention window means in KV blocks: which ones are out of sight, and how much of a
// prompt a cache must hold to be a hit.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace blis {

// Blocks [lo, hi) of a token sequence.
struct BlockRange {
  std::int32_t lo = 0;
  std::int32_t hi = 0;
};

// Whole blocks that no token from position `computed` on looks back to. window > 0, in tokens, and
// counts the token itself.
constexpr int blocks_out_of_window(int computed, int window, int block_size) {
  return std::max(0, computed - window + 1) / block_size;
}

// Contiguous cached blocks that serve a whole window.
constexpr int blocks_in_window(int window, int block_size) {
  return std::max(1, (window - 1 + block_size - 1) / block_size);
}

// Blocks of a prompt that count as a hit, given its cached blocks in ascending order, where
// adjacent ranges may touch: up to the end of the rightmost run at least `width` blocks wide, or
// else of the run at the very start. Runs end at multiples of `step` blocks, what is beyond counts as not
// cached.
int window_hit(std::span<const BlockRange> cached, int width, int step = 1);

}  // namespace blis
