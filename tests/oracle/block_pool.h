// The oracle's KV blocks: one struct a block, an explicit free queue, a map from keys to blocks.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sim/vllm/scheduler_config.h"

namespace blis::oracle {

// Which KV-cache group a block serves, and the key of its tokens (see PrefixKeys).
using BlockKey = std::pair<int, int>;

constexpr int kNullBlock = 0;  // stands for blocks that have left an attention window

struct Block {
  int ref = 0;  // requests that hold it; 0: it is in the free queue
  std::optional<BlockKey> key;
};

// The head is handed out, and so evicted, first.
class FreeQueue {
 public:
  explicit FreeQueue(int num_blocks);

  int size() const { return static_cast<int>(ids_.size()); }
  int pop_head();       // requires size() > 0
  void remove(int id);  // throws std::out_of_range if it is not there
  void append(std::span<const int> ids);
  void prepend(std::span<const int> ids);  // ids[0] becomes the head
  std::vector<int> order() const { return {ids_.begin(), ids_.end()}; }

 private:
  std::deque<int> ids_;
};

// Spec, sections 4 to 6. Block 0 is the null block: it is never free and never handed out.
class BlockPool {
 public:
  // Keeps a reference.
  explicit BlockPool(const SchedulerConfig& config);

  int num_free() const { return queue_.size(); }
  std::vector<int> free_order() const { return queue_.order(); }
  int evicted() const { return evicted_; }
  int num_keys() const { return static_cast<int>(by_key_.size()); }
  const Block& operator[](int id) const { return blocks_.at(static_cast<std::size_t>(id)); }

  // The first block that was published under the key and still is.
  std::optional<int> find(BlockKey key) const;

  std::vector<int> take(int n);         // from the head, dropping keys; requires n <= num_free()
  void touch(int id);                   // one more holder
  void free(std::span<const int> ids);  // one holder fewer each, in this order; null blocks are passed over
  void publish(int id, BlockKey key);
  bool drop_key(int id);
  bool reset();  // forgets all keys, if no block is held

 private:
  Block& block(int id) { return blocks_.at(static_cast<std::size_t>(id)); }
  bool goes_to_head(const Block& block) const;

  const SchedulerConfig& config_;
  std::vector<Block> blocks_;
  FreeQueue queue_;
  std::map<BlockKey, std::vector<int>> by_key_;  // in order of publication
  int evicted_ = 0;
};

}  // namespace blis::oracle
