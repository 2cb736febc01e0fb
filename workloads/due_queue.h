// Things that are due at a time, the earliest first; ties in the order in which they were added.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/request.h"
#include "sim/units.h"

namespace blis {

template <class What>
class DueQueue {
 public:
  void push(Time at, What what) {
    heap_.push_back({at, added_++, what});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  bool empty() const { return heap_.empty(); }
  // kNever if nothing is due.
  Time next() const { return heap_.empty() ? kNever : heap_.front().at; }
  const What& front() const { return heap_.front().what; }

  What pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const What what = heap_.back().what;
    heap_.pop_back();
    return what;
  }

  template <class Predicate>
  void remove_if(Predicate predicate) {
    std::erase_if(heap_, [&](const Entry& entry) { return predicate(entry.what); });
    std::make_heap(heap_.begin(), heap_.end(), later);
  }

 private:
  struct Entry {
    Time at;
    std::uint64_t order;
    What what;
  };
  static bool later(const Entry& a, const Entry& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }

  std::vector<Entry> heap_;
  std::uint64_t added_ = 0;
};

// Whether a client goes on after a request that ended so.
constexpr bool ended_well(Outcome outcome) {
  return outcome == Outcome::completed || outcome == Outcome::length_capped;
}

}  // namespace blis
