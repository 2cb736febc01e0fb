// A cost that depends on the number of tokens alone, tabulated: priced exactly at some sizes, linear
// between them. A kernel's tiles are 128 rows, so it jumps from 128 j to 128 j + 1 tokens and is smooth
// within; the table keeps both ends of every tile.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "roofline/kernel_cost.h"

namespace blis {

class TokenTable {
 public:
  // `price` is asked for sizes from 1 to `max_tokens`, rounded up to a whole tile.
  TokenTable(std::int64_t max_tokens, const std::function<KernelCost(double tokens)>& price);

  // tokens >= 1. Beyond the table the last tile's slope goes on. Grows with tokens where `price` does.
  KernelCost at(std::int64_t tokens) const {
    if (tokens < static_cast<std::int64_t>(small_.size())) return small_[static_cast<std::size_t>(tokens)];
    return large(tokens);
  }

 private:
  struct Tile {
    KernelCost first;  // at its first token
    KernelCost slope;  // a further token
  };
  KernelCost large(std::int64_t tokens) const;

  std::vector<KernelCost> small_;  // by tokens
  std::vector<Tile> tiles_;        // by (tokens - 1) / 128
};

}  // namespace blis
