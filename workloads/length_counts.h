// How often each length occurs: exact percentiles of any number of lengths in the memory of the
// distinct ones.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace blis {

struct LengthSummary {
  double mean = 0, stddev = 0;
  double p50 = 0, p90 = 0, p99 = 0;  // numpy's linear method
  std::int64_t min = 0, max = 0;
};

class LengthCounts {
 public:
  void add(std::int64_t length) {
    if (length < kDense) {
      ++dense_[static_cast<std::size_t>(length)];
    } else {
      ++sparse_[length];
    }
    ++count_;
  }

  std::int64_t count() const { return count_; }
  // All 0 if nothing was added. `q` in percent.
  LengthSummary summary() const;
  double percentile(double q) const;

  // Calls f(length, times) for each length that occurs, ascending.
  template <class F>
  void for_each(F f) const {
    for (std::size_t i = 0; i < dense_.size(); ++i) {
      if (dense_[i] > 0) f(static_cast<std::int64_t>(i), dense_[i]);
    }
    for (const auto& [length, times] : sparse_) f(length, times);
  }

 private:
  static constexpr std::int64_t kDense = 1 << 16;
  std::vector<std::int64_t> dense_ = std::vector<std::int64_t>(kDense);
  std::map<std::int64_t, std::int64_t> sparse_;
  std::int64_t count_ = 0;
};

}  // namespace blis
