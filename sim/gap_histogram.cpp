#include "sim/gap_histogram.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace blis {

std::size_t GapHistogram::bucket_of(std::int64_t value) const {
  const auto v = static_cast<std::uint64_t>(value);
  const int doublings = std::max(static_cast<int>(std::bit_width(v)) - bits_ - 1, 0);
  // 2^bits <= v >> doublings < 2^(bits + 1), but for values below 2^bits
  return (static_cast<std::size_t>(doublings) << bits_) + static_cast<std::size_t>(v >> doublings);
}

std::int64_t GapHistogram::lower_end(std::size_t bucket) const {
  const std::size_t power = bucket >> bits_;
  if (power < 2) return static_cast<std::int64_t>(bucket);
  const std::size_t doublings = power - 1;
  return static_cast<std::int64_t>((bucket - (doublings << bits_)) << doublings);
}

GapHistogram::Bucket& GapHistogram::at(std::size_t number) {
  if (buckets_.empty()) first_ = number;
  if (number < first_) {
    buckets_.insert(buckets_.begin(), first_ - number, Bucket{});
    first_ = number;
  }
  if (number - first_ >= buckets_.size()) buckets_.resize(number - first_ + 1);
  return buckets_[number - first_];
}

void GapHistogram::add(std::int64_t value, std::int64_t weight) {
  low_ = empty() ? value : std::min(low_, value);
  high_ = empty() ? value : std::max(high_, value);
  const std::size_t number = bucket_of(value);
  Bucket& b = at(number);
  b.weight += weight;
  b.above += weight * (value - lower_end(number));
}

void GapHistogram::merge(const GapHistogram& other) {
  if (other.empty()) return;
  low_ = empty() ? other.low_ : std::min(low_, other.low_);
  high_ = empty() ? other.high_ : std::max(high_, other.high_);
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) {
    Bucket& b = at(other.first_ + i);
    b.weight += other.buckets_[i].weight;
    b.above += other.buckets_[i].above;
  }
}

void GapHistogram::append_to(LargeVector<Weighted>& samples) const {
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    auto [weight, above] = buckets_[i];
    if (weight == 0) continue;
    const std::int64_t from = lower_end(first_ + i);
    const bool lowest = bucket_of(low_) == first_ + i;
    const bool highest = bucket_of(high_) == first_ + i && (weight > 1 || !lowest);
    for (const auto& [is_there, extreme] : {std::pair{lowest, low_}, std::pair{highest, high_}}) {
      if (!is_there) continue;
      --weight;
      above -= extreme - from;
    }
    if (lowest) samples.push_back({low_, 1});
    if (weight > 0) samples.push_back({from + (above + weight / 2) / weight, weight});
    if (highest) samples.push_back({high_, 1});
  }
}

}  // namespace blis
