#include "tests/oracle/block_pool.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <stdexcept>

namespace blis::oracle {

FreeQueue::FreeQueue(int num_blocks) : ids_(static_cast<std::size_t>(num_blocks)) {
  std::iota(ids_.begin(), ids_.end(), 0);
}

int FreeQueue::pop_head() {
  if (ids_.empty()) throw std::out_of_range("the free queue is empty");
  const int id = ids_.front();
  ids_.pop_front();
  return id;
}

void FreeQueue::remove(int id) {
  const auto found = std::find(ids_.begin(), ids_.end(), id);
  if (found == ids_.end()) throw std::out_of_range("block " + std::to_string(id) + " is not free");
  ids_.erase(found);
}

void FreeQueue::append(std::span<const int> ids) {
  ids_.insert(ids_.end(), ids.begin(), ids.end());
}

void FreeQueue::prepend(std::span<const int> ids) {
  ids_.insert(ids_.begin(), ids.begin(), ids.end());
}

BlockPool::BlockPool(const SchedulerConfig& config)
    : config_(config), blocks_(static_cast<std::size_t>(config.num_blocks)), queue_(config.num_blocks) {
  queue_.remove(kNullBlock);
}

std::optional<int> BlockPool::find(BlockKey key) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  return found->second.front();
}

std::vector<int> BlockPool::take(int n) {
  std::vector<int> taken;
  for (int i = 0; i < n; ++i) {
    const int id = queue_.pop_head();
    if (drop_key(id)) ++evicted_;
    assert(block(id).ref == 0);
    block(id).ref = 1;
    taken.push_back(id);
  }
  return taken;
}

void BlockPool::touch(int id) {
  if (block(id).ref == 0) queue_.remove(id);
  ++block(id).ref;
}

bool BlockPool::goes_to_head(const Block& block) const {
  if (!config_.enable_prefix_caching) return config_.behaviour.nocache_free == UncachedFree::head;
  return config_.behaviour.free_order == FreeOrder::split && !block.key;
}

void BlockPool::free(std::span<const int> ids) {
  std::vector<int> to_head, to_tail;
  for (int id : ids) {
    if (id == kNullBlock || --block(id).ref > 0) continue;
    (goes_to_head(block(id)) ? to_head : to_tail).push_back(id);
  }
  queue_.prepend(to_head);
  queue_.append(to_tail);
}

void BlockPool::publish(int id, BlockKey key) {
  assert(!block(id).key && "a block is published once");
  block(id).key = key;
  by_key_[key].push_back(id);
}

bool BlockPool::drop_key(int id) {
  if (!block(id).key) return false;
  const auto found = by_key_.find(*block(id).key);
  std::erase(found->second, id);
  if (found->second.empty()) by_key_.erase(found);
  block(id).key.reset();
  return true;
}

bool BlockPool::reset() {
  if (num_free() != static_cast<int>(blocks_.size()) - 1) return false;
  by_key_.clear();
  for (Block& b : blocks_) b.key.reset();
  return true;
}

}  // namespace blis::oracle
