#include "workloads/length_counts.h"

#include <cmath>

namespace blis {

double LengthCounts::percentile(double q) const {
  if (count_ == 0) return 0;
  // Between the sorted values number floor(rank) and the next, as numpy's "linear" does.
  const double rank = q / 100 * static_cast<double>(count_ - 1);
  const auto below = static_cast<std::int64_t>(std::floor(rank));
  std::int64_t seen = 0;
  double low = 0;
  double high = 0;
  bool has_low = false;
  bool has_high = false;
  for_each([&](std::int64_t length, std::int64_t times) {
    seen += times;
    if (!has_low && seen > below) {
      low = static_cast<double>(length);
      has_low = true;
    }
    if (!has_high && seen > below + 1) {
      high = static_cast<double>(length);
      has_high = true;
    }
  });
  if (!has_high) high = low;
  return low + (rank - static_cast<double>(below)) * (high - low);
}

LengthSummary LengthCounts::summary() const {
  LengthSummary summary;
  if (count_ == 0) return summary;
  summary.min = -1;
  double sum = 0;
  for_each([&](std::int64_t length, std::int64_t times) {
    if (summary.min < 0) summary.min = length;
    summary.max = length;
    sum += static_cast<double>(length) * static_cast<double>(times);
  });
  summary.mean = sum / static_cast<double>(count_);
  double squares = 0;
  for_each([&](std::int64_t length, std::int64_t times) {
    const double d = static_cast<double>(length) - summary.mean;
    squares += d * d * static_cast<double>(times);
  });
  summary.stddev = std::sqrt(squares / static_cast<double>(count_));
  summary.p50 = percentile(50);
  summary.p90 = percentile(90);
  summary.p99 = percentile(99);
  return summary;
}

}  // namespace blis
