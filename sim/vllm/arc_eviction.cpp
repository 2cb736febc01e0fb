// The policy `arc` of chunk_eviction.h, as vLLM has it: T1 and T2 of Megiddo and Modha's ARC are `once_` and
// `again_`, B1 and B2 `missed_`. Unlike theirs it learns from what is asked for, not from what comes in: a
// key that is asked for at every step while its request waits teaches at every step. Source:
// vllm/v1/kv_offload/cpu/policies/arc.py of 2026-08.
#include <algorithm>
#include <vector>

#include "sim/vllm/chunk_eviction.h"

namespace blis {
namespace {

// Chunks that have left, the longest ago first.
class Ghosts {
 public:
  std::size_t size() const { return order_.size(); }
  bool contains(ChunkKey key) const { return places_.contains(key); }

  void add(ChunkKey key) {
    order_.push_back(key);
    places_[key] = std::prev(order_.end());
  }
  void refresh(ChunkKey key) { order_.splice(order_.end(), order_, places_.at(key)); }
  void forget(ChunkKey key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return;
    order_.erase(found->second);
    places_.erase(found);
  }
  void trim(std::size_t most) {
    while (size() > most) forget(order_.front());
  }

 private:
  std::list<ChunkKey> order_;
  std::unordered_map<ChunkKey, std::list<ChunkKey>::iterator> places_;
};

double share(const Ghosts& others, const Ghosts& own) {
  return std::max(1.0, static_cast<double>(others.size()) / static_cast<double>(own.size()));
}

class ArcEviction final : public ChunkEviction {
 public:
  explicit ArcEviction(std::size_t capacity) : capacity_(capacity) {}

  bool counts_uses() const override { return true; }

  void insert(ChunkKey key, StoredChunk& chunk) override {
    once_.push_back(key);
    chunk.place = std::prev(once_.end());
    chunk.often = false;
    missed_once_.forget(key);
    missed_again_.forget(key);
  }

  void use(std::span<const ChunkKey> keys, StoredChunks& stored, Time now) override {
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
      const auto found = stored.find(*key);
      if (found == stored.end()) {
        learn(*key);
        continue;
      }
      StoredChunk& chunk = found->second;
      std::list<ChunkKey>& from = chunk.often ? again_ : once_;
      chunk.often = chunk.often || chunk.ready <= now;  // what is being written has just come
      std::list<ChunkKey>& to = chunk.often ? again_ : once_;
      to.splice(to.end(), from, chunk.place);
    }
  }

  bool evict(std::size_t chunks, StoredChunks& stored, Time now) override {
    leaving_.clear();
    auto of_once = once_.begin(), of_again = again_.begin();
    const auto next = [&](std::list<ChunkKey>& order, std::list<ChunkKey>::iterator& from) {
      while (from != order.end()) {
        const auto found = stored.find(*from++);
        if (!found->second.idle(now)) continue;
        leaving_.push_back(found);
        return true;
      }
      return false;
    };
    std::size_t left = once_.size();
    while (leaving_.size() < chunks) {
      if (left >= static_cast<std::size_t>(target_) && next(once_, of_once)) {
        --left;
      } else if (!next(again_, of_again)) {
        return false;
      }
    }
    for (const StoredChunks::iterator chunk : leaving_) leave(chunk, stored);
    missed_once_.trim(capacity_);
    missed_again_.trim(capacity_);
    return true;
  }

 private:
  // Somebody asks for a chunk that is not there.
  void learn(ChunkKey key) {
    if (missed_once_.contains(key)) {
      target_ = std::min(target_ + share(missed_again_, missed_once_), static_cast<double>(capacity_));
      missed_once_.refresh(key);
    } else if (missed_again_.contains(key)) {
      target_ = std::max(target_ - share(missed_once_, missed_again_), 0.0);
      missed_again_.refresh(key);
    }
  }

  void leave(StoredChunks::iterator chunk, StoredChunks& stored) {
    const bool often = chunk->second.often;
    (often ? missed_again_ : missed_once_).add(chunk->first);
    (often ? again_ : once_).erase(chunk->second.place);
    stored.erase(chunk);
  }

  std::size_t capacity_;
  double target_ = 0;                  // chunks that may stay in once_
  std::list<ChunkKey> once_, again_;   // the least recently used first
  Ghosts missed_once_, missed_again_;  // what has left either, at most capacity_ each
  std::vector<StoredChunks::iterator> leaving_;
};

}  // namespace

std::unique_ptr<ChunkEviction> make_arc_eviction(std::size_t capacity) {
  return std::make_unique<ArcEviction>(capacity);
}

}  // namespace blis
