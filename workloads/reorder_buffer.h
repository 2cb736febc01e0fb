// Puts rows whose time stamps have been moved forward a little back into order, holding only those
// that a later row could still overtake.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "workloads/trace_reader.h"

namespace blis {

class ReorderBuffer {
 public:
  // No row pushed from now on will have a stamp before `stamp`.
  void advance(Duration stamp) { horizon_ = stamp; }
  void finish() { horizon_ = Duration::max(); }

  // Takes a copy of `row` with the stamp `moved`, at or after the horizon.
  void push(const TraceRow& row, Duration moved) {
    std::uint32_t slot = 0;
    if (free_.empty()) {
      slot = static_cast<std::uint32_t>(rows_.size());
      rows_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    rows_[slot] = row;  // a reused slot keeps its prompt's memory
    rows_[slot].stamp = moved;
    heap_.push_back({moved, pushed_++, slot});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  // Whether the first row is final.
  bool ready() const { return !heap_.empty() && heap_.front().stamp <= horizon_; }

  // The first row, valid until the next call; null if there is none.
  const TraceRow* pop() {
    if (last_ != kNone) free_.push_back(std::exchange(last_, kNone));
    if (heap_.empty()) return nullptr;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    last_ = heap_.back().slot;
    heap_.pop_back();
    return &rows_[last_];
  }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct Entry {
    Duration stamp;
    std::uint64_t order;  // ties keep the file's order
    std::uint32_t slot;
  };
  static bool later(const Entry& a, const Entry& b) {
    return a.stamp != b.stamp ? a.stamp > b.stamp : a.order > b.order;
  }

  std::vector<TraceRow> rows_;
  std::vector<std::uint32_t> free_;
  std::vector<Entry> heap_;
  Duration horizon_ = Duration::min();
  std::uint64_t pushed_ = 0;
  std::uint32_t last_ = kNone;  // handed out by `pop`
};

}  // namespace blis
