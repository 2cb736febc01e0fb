// A multiset of durations in bounded memory: buckets of nearly equal ratio.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/large_vector.h"
#include "sim/weighted.h"

namespace blis {

// Values from 0 on are told apart to 2^-bits of themselves, those below 2^bits exactly. Counts, the sum,
// the smallest and the largest value stay exact.
class GapHistogram {
 public:
  // 1 <= bits <= 20
  explicit GapHistogram(int bits) : bits_(bits) {}

  bool empty() const { return buckets_.empty(); }
  void add(std::int64_t value, std::int64_t weight);  // value >= 0, weight > 0
  void merge(const GapHistogram& other);              // of as many bits
  // The samples that stand for it, in order: a bucket's mean to the nearest nanosecond with the bucket's
  // weight, and the extremes.
  void append_to(LargeVector<Weighted>& samples) const;

 private:
  struct Bucket {
    std::int64_t weight = 0;
    std::int64_t above = 0;  // sum of what values exceed the bucket's lower end by
  };
  // Buckets are numbered across powers of two: 2^bits of width 1, then for each further power 2^bits of
  // twice the width.
  std::size_t bucket_of(std::int64_t value) const;
  std::int64_t lower_end(std::size_t bucket) const;
  Bucket& at(std::size_t number);

  int bits_;
  std::size_t first_ = 0;        // number of buckets_.front()
  std::vector<Bucket> buckets_;  // from the one of the smallest value to that of the largest, about
  std::int64_t low_ = 0, high_ = 0;
};

}  // namespace blis
