#include "sim/vllm/storage_tier.h"

#include <algorithm>

namespace blis {

StorageTier::Answer StorageTier::look_up(RequestIndex request, ChunkKey key, Time now) {
  const auto [found, is_new] = verdicts_.try_emplace(key);
  Verdict& verdict = found->second;
  if (is_new) {
    verdict = {.asked = now, .there = there_.contains(key)};
    asked_ = now;
  }
  if (asked_by_[request].insert(key).second) ++verdict.requests;
  if (verdict.asked == now) return Answer::later;
  return verdict.there ? Answer::there : Answer::missing;
}

void StorageTier::forget(RequestIndex request) {
  const auto asked = asked_by_.extract(request);
  if (asked.empty()) return;
  for (const ChunkKey key : asked.mapped()) {
    const auto verdict = verdicts_.find(key);
    if (--verdict->second.requests == 0) verdicts_.erase(verdict);
  }
}

Time StorageTier::read(std::size_t chunks, Time now) {
  const double bytes = chunk_bytes_ * static_cast<double>(chunks);
  read_until_ = std::max(read_until_, now) + to_duration(Seconds(bytes / config_.read_bytes_per_second));
  return read_until_;
}

Time StorageTier::write(std::span<const ChunkKey> keys, Time now) {
  const auto missing = std::ranges::count_if(keys, [&](ChunkKey key) { return !there_.contains(key); });
  const double bytes = chunk_bytes_ * static_cast<double>(missing);
  written_until_ =
      std::max(written_until_, now) + to_duration(Seconds(bytes / config_.write_bytes_per_second));
  return written_until_;
}

}  // namespace blis
