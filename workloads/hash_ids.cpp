#include "workloads/hash_ids.h"

#include <algorithm>

#include "workloads/random.h"

namespace blis {

std::int64_t HashIds::id_of(std::uint64_t key) {
  const auto [entry, is_new] = known_.try_emplace(key, next_id_);
  if (is_new) ++next_id_;
  return entry->second;
}

std::span<const std::int64_t> HashIds::of(const RequestSpec& request) {
  ids_.clear();
  // A block is the slices of runs it is made of; its key also holds the keys of those before it.
  std::uint64_t key = mix_bits(request.cache_salt);
  bool shareable = true;
  std::int32_t in_block = 0;
  const auto close_block = [&] {
    ids_.push_back(shareable ? id_of(mix_bits(key ^ static_cast<std::uint64_t>(in_block))) : next_id_++);
    in_block = 0;
  };
  const auto add_run = [&](ContentRun run) {
    // What follows private content can never be found again.
    shareable = shareable && run.content != kPrivateContent;
    for (std::int32_t offset = 0; offset < run.tokens;) {
      const std::int32_t slice = std::min(run.tokens - offset, block_tokens_ - in_block);
      key = mix_bits(mix_bits(key + run.content) + static_cast<std::uint64_t>(offset));
      in_block += slice;
      offset += slice;
      if (in_block == block_tokens_) close_block();
    }
  };
  if (request.prompt.empty()) add_run({kPrivateContent, request.prompt_tokens});
  for (const ContentRun& run : request.prompt) add_run(run);
  if (in_block > 0) close_block();
  return ids_;
}

}  // namespace blis
