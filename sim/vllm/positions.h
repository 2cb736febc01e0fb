// How many drafts a step finds or accepts, by the share of steps that reach each position.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace blis {

class Positions {
 public:
  // `shares` fall: position p is reached in shares[p] of the steps, and never after one that is not.
  explicit Positions(const std::vector<double>& shares) {
    for (const double share : shares) below_.push_back(static_cast<std::uint64_t>(std::ceil(share * 0x1p53)));
  }

  bool empty() const { return below_.empty(); }

  // Positions that a step reaches whose random bits are these.
  int reached(std::uint64_t bits) const {
    const std::uint64_t u = bits >> 11;  // of 2^53
    std::size_t n = 0;
    while (n < below_.size() && u < below_[n]) ++n;
    return static_cast<int>(n);
  }

 private:
  std::vector<std::uint64_t> below_;
};

}  // namespace blis
