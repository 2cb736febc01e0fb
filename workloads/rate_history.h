// How many requests arrived when, in a bounded number of equal windows.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "sim/units.h"

namespace blis {

class RateHistory {
 public:
  // `since_start`: after the first arrival, never before the one added last.
  void add(Duration since_start) {
    auto window = static_cast<std::size_t>(since_start / width_);
    while (window >= kMostWindows) {
      halve();
      window = static_cast<std::size_t>(since_start / width_);
    }
    if (window >= counts_.size()) counts_.resize(window + 1);
    ++counts_[window];
  }

  Duration width() const { return width_; }
  // The windows from the first arrival's to the last one's, which is perhaps not full.
  const std::vector<std::int64_t>& counts() const { return counts_; }

 private:
  static constexpr std::size_t kMostWindows = 256;

  // Two windows become one.
  void halve() {
    for (std::size_t i = 0; 2 * i < counts_.size(); ++i) {
      const std::int64_t second = 2 * i + 1 < counts_.size() ? counts_[2 * i + 1] : 0;
      counts_[i] = counts_[2 * i] + second;
    }
    counts_.resize((counts_.size() + 1) / 2);
    width_ *= 2;
  }

  Duration width_ = std::chrono::milliseconds{1};
  std::vector<std::int64_t> counts_;
};

}  // namespace blis
