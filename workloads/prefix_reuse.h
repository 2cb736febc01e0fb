// How much of the prompts of a workload was sent before: what a prefix cache could save, if it held
// everything or only so much.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "sim/request.h"
#include "workloads/hash_ids.h"

namespace blis {

// Blocks in the order of their last use; the least recently used goes first.
class LruBlocks {
 public:
  explicit LruBlocks(std::int64_t capacity) : capacity_(capacity) {}

  // How many of a prompt's leading blocks are held; then holds all of them. The prompt's end counts
  // as used before its beginning, so that beginnings outlast ends.
  std::int64_t use(std::span<const std::int64_t> ids);

 private:
  std::int64_t capacity_;
  std::list<std::int64_t> recent_;  // most recently used first
  std::unordered_map<std::int64_t, std::list<std::int64_t>::iterator> held_;
};

class PrefixReuse {
 public:
  // Blocks of so many tokens, the last one of a prompt perhaps partial. `capacities` of finite caches,
  // in tokens.
  PrefixReuse(std::int32_t block_tokens, std::span<const std::int64_t> capacities);

  void add(const RequestSpec& request);

  // Shares of all blocks; 0 without blocks.
  double infinite_cache() const { return share(hits_); }
  double finite_cache(std::size_t capacity) const { return share(finite_hits_[capacity]); }

  std::int64_t blocks() const { return blocks_; }
  std::int64_t distinct_blocks() const { return blocks_ - hits_; }
  std::int32_t block_tokens() const { return block_tokens_; }
  bool any_shared_content() const { return shared_content_; }

 private:
  double share(std::int64_t hits) const {
    return blocks_ == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(blocks_);
  }

  std::int32_t block_tokens_;
  HashIds ids_;
  std::vector<LruBlocks> caches_;
  std::vector<std::int64_t> finite_hits_;
  std::int64_t blocks_ = 0;
  std::int64_t hits_ = 0;
  std::int64_t first_new_id_ = 0;
  bool shared_content_ = false;
};

}  // namespace blis
