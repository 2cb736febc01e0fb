#include "roofline/token_table.h"

#include <algorithm>

namespace blis {
namespace {

constexpr std::int64_t kTile = 128;
constexpr std::int64_t kSmall = 512;  // tokens up to which every size has its own entry
constexpr std::int64_t kStep = 8;     // between priced sizes below that

// Sizes priced exactly, ascending: CUDA graphs' own, and both sides of a tile's edge.
std::vector<std::int64_t> priced_sizes() {
  std::vector<std::int64_t> sizes{1, 2, 4};
  for (std::int64_t m = kStep; m <= kSmall; m += kStep) {
    sizes.push_back(m);
    if (m % kTile == 0 && m < kSmall) sizes.push_back(m + 1);
  }
  return sizes;
}

KernelCost between(const KernelCost& a, const KernelCost& b, double share) {
  return (1 - share) * a + share * b;
}

}  // namespace

TokenTable::TokenTable(std::int64_t max_tokens, const std::function<KernelCost(double)>& price) {
  small_.resize(kSmall + 1);
  std::int64_t last = 1;
  small_[1] = price(1);
  for (std::int64_t m : priced_sizes()) {
    small_[static_cast<std::size_t>(m)] = price(static_cast<double>(m));
    for (std::int64_t i = last + 1; i < m; ++i) {
      const double share = static_cast<double>(i - last) / static_cast<double>(m - last);
      small_[static_cast<std::size_t>(i)] =
          between(small_[static_cast<std::size_t>(last)], small_[static_cast<std::size_t>(m)], share);
    }
    last = m;
  }
  const std::int64_t tiles = std::max((max_tokens + kTile - 1) / kTile, kSmall / kTile + 1);
  tiles_.resize(static_cast<std::size_t>(tiles));
  for (std::int64_t j = kSmall / kTile; j < tiles; ++j) {
    Tile& tile = tiles_[static_cast<std::size_t>(j)];
    tile.first = price(static_cast<double>(j * kTile + 1));
    const KernelCost end = price(static_cast<double>((j + 1) * kTile));
    tile.slope = (1.0 / (kTile - 1)) * (end + (-1.0) * tile.first);
  }
}

KernelCost TokenTable::large(std::int64_t tokens) const {
  const std::int64_t j = std::min((tokens - 1) / kTile, static_cast<std::int64_t>(tiles_.size()) - 1);
  const Tile& tile = tiles_[static_cast<std::size_t>(j)];
  return tile.first + static_cast<double>(tokens - 1 - j * kTile) * tile.slope;
}

}  // namespace blis
