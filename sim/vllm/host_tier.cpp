#include "sim/vllm/host_tier.h"

#include <algorithm>
#include <limits>

namespace blis {
namespace {

// Tokens that both begin with, as far as whole links tell.
std::int32_t common_tokens(std::span<const ChainLink> a, std::span<const ChainLink> b) {
  std::int32_t tokens = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size() && a[i].node == b[i].node; ++i) {
    tokens = std::min(a[i].end, b[i].end);
    if (a[i].end != b[i].end) break;
  }
  return tokens;
}

}  // namespace

HostTier::HostTier(const HostTierConfig& config, int block_size)
    : config_(config),
      block_size_(block_size),
      index_(tree_,
             {.block_tokens = block_size,
              .max_blocks = std::numeric_limits<std::int32_t>::max(),
              .partial_block = false},
             {config.blocks}) {}

HostTier::~HostTier() {
  for (const auto& [request, chain] : chains_) release(chain);
  for (const Write& write : writes_) release(write.chain);
}

void HostTier::release(const std::vector<ChainLink>& chain) {
  for (const ChainLink& link : chain) tree_.release(link.node);
}

const std::vector<ChainLink>& HostTier::chain_of(const Request& r) {
  std::vector<ChainLink>& chain = chains_[r.index];
  if (chain.empty()) use_prompt(tree_, r.prompt, r.prompt_tokens, r.cache_salt, chain);
  return chain;
}

// Blocks from the first one on that are there, or are being written.
std::int32_t HostTier::stored(std::span<const ChainLink> chain) {
  index_.match(chain, found_);
  return found_.blocks.front();
}

// The part of a prompt that its first blocks hold.
std::span<const ChainLink> HostTier::first_blocks(std::span<const ChainLink> chain, std::int32_t blocks) {
  const std::int32_t end = blocks * block_size_;
  part_.clear();
  for (const ChainLink& link : chain) {
    part_.push_back({link.node, std::min(link.end, end)});
    if (link.end >= end) break;
  }
  return part_;
}

std::optional<KvConnector::Match> HostTier::match(const Request& r, std::int32_t local) {
  const std::vector<ChainLink>& chain = chain_of(r);
  const std::int32_t blocks = stored(chain), cached = local / block_size_;
  if (blocks > 0) index_.insert(first_blocks(chain, blocks), 0);  // used last now
  if (blocks <= cached) return Match{};
  while (!writes_.empty() && writes_.front().end <= now_) {
    release(writes_.front().chain);
    writes_.pop_front();
  }
  for (const Write& write : writes_) {
    const std::int32_t shared = std::min(common_tokens(chain, write.chain) / block_size_, write.to);
    if (std::max(write.from, cached) >= std::min(shared, blocks)) continue;
    retry_ = std::min(retry_, write.end);
    return std::nullopt;
  }
  return Match{blocks * block_size_ - local, /*async=*/true};
}

// Copies of one direction follow each other.
Time HostTier::copy(Time& free_at, std::int32_t blocks) {
  return free_at = std::max(free_at, now_) + config_.per_block * blocks;
}

void HostTier::allocated(const Request& r, const Match& match) {
  if (match.async) loads_.push_back({copy(from_host_free_, match.tokens / block_size_), r.index});
}

void HostTier::computed(const Request& r, std::int32_t tokens) {
  const std::int32_t blocks = std::min(tokens, r.prompt_tokens) / block_size_;
  const std::vector<ChainLink>& chain = chain_of(r);
  const std::int32_t there = stored(chain);
  if (blocks <= there || blocks > config_.blocks) return;
  index_.insert(first_blocks(chain, blocks), 0);
  writes_.push_back({copy(to_host_free_, blocks - there), chain, there, blocks});
  for (const ChainLink& link : chain) tree_.use(link.node);
}

void HostTier::forget(RequestIndex index) {
  if (auto chain = chains_.extract(index); !chain.empty()) release(chain.mapped());
}

void HostTier::take_loads(std::vector<Due>& loads) {
  loads.insert(loads.end(), loads_.begin(), loads_.end());
  loads_.clear();
}

}  // namespace blis
