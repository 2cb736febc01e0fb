// The requests that wait for admission, in the order of the policy.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/vllm/cruise.h"
#include "sim/vllm/scheduling_policy.h"

namespace blis {

// First come, first served, with a way back to the front; or, for a ranking policy, a heap.
class WaitingQueue {
 public:
  struct Entry {
    Rank rank;
    std::uint32_t id_order = 0;
    RequestSlot slot = kNoSlot;
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.rank != b.rank ? a.rank < b.rank : a.id_order < b.id_order;
    }
  };

  explicit WaitingQueue(bool ranked) : ranked_(ranked) {}

  bool empty() const { return size() == 0; }
  std::size_t size() const { return entries_.size() - head_; }
  const Entry& front() const { return entries_[head_]; }

  void push(const Entry& entry);        // to the back, or where its rank says
  void push_front(const Entry& entry);  // to the front, or where its rank says
  Entry pop();
  bool remove(RequestSlot slot);  // false if it is not here

  // Gives every entry the rank that `rank_of`(slot) says now.
  template <class RankOf>
  void rank_anew(RankOf rank_of) {
    for (Entry& entry : entries_) entry.rank = rank_of(entry.slot);
    reorder();
  }

  std::vector<RequestSlot> in_order() const;

 private:
  void reorder();

  bool ranked_;
  std::vector<Entry> entries_;  // ranked: a heap. Otherwise the queue is what lies from head_ on
  std::size_t head_ = 0;
};

}  // namespace blis
