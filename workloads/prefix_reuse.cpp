#include "workloads/prefix_reuse.h"

#include <algorithm>

namespace blis {

std::int64_t LruBlocks::use(std::span<const std::int64_t> ids) {
  std::int64_t hits = 0;
  while (hits < std::ssize(ids) && held_.contains(ids[static_cast<std::size_t>(hits)])) ++hits;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    const auto found = held_.find(*id);
    if (found != held_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
    } else {
      recent_.push_front(*id);
      held_.emplace(*id, recent_.begin());
    }
  }
  while (std::ssize(held_) > capacity_) {
    held_.erase(recent_.back());
    recent_.pop_back();
  }
  return hits;
}

PrefixReuse::PrefixReuse(std::int32_t block_tokens, std::span<const std::int64_t> capacities)
    : block_tokens_(block_tokens), ids_(block_tokens), finite_hits_(capacities.size()) {
  for (const std::int64_t tokens : capacities) caches_.emplace_back(tokens / block_tokens);
}

void PrefixReuse::add(const RequestSpec& request) {
  const bool shares = std::any_of(request.prompt.begin(), request.prompt.end(),
                                  [](const ContentRun& run) { return run.content != kPrivateContent; });
  shared_content_ |= shares;
  if (!shares) {  // nothing of it was or will be seen; it still takes room in a finite cache
    blocks_ += (request.prompt_tokens + block_tokens_ - 1) / block_tokens_;
    if (caches_.empty() || !shared_content_) return;
  }
  const std::span<const std::int64_t> ids = ids_.of(request);
  if (shares) blocks_ += std::ssize(ids);
  // Ids count up as blocks are first seen.
  hits_ += std::count_if(ids.begin(), ids.end(), [this](std::int64_t id) { return id < first_new_id_; });
  for (const std::int64_t id : ids) first_new_id_ = std::max(first_new_id_, id + 1);
  for (std::size_t i = 0; i < caches_.size(); ++i) finite_hits_[i] += caches_[i].use(ids);
}

}  // namespace blis
