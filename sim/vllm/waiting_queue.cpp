#include "sim/vllm/waiting_queue.h"

#include <algorithm>

namespace blis {
namespace {

// The standard heap keeps its largest on top; the queue serves the lowest rank first.
bool after(const WaitingQueue::Entry& a, const WaitingQueue::Entry& b) {
  return b < a;
}

}  // namespace

void WaitingQueue::push(const Entry& entry) {
  entries_.push_back(entry);
  if (ranked_) std::ranges::push_heap(entries_, after);
}

void WaitingQueue::push_front(const Entry& entry) {
  if (ranked_) return push(entry);
  if (head_ == 0) {  // make room in front as large as the queue, so that this stays rare
    const std::size_t room = entries_.size() + 16;
    entries_.insert(entries_.begin(), room, Entry{});
    head_ = room;
  }
  entries_[--head_] = entry;
}

WaitingQueue::Entry WaitingQueue::pop() {
  if (ranked_) {
    std::ranges::pop_heap(entries_, after);
    const Entry top = entries_.back();
    entries_.pop_back();
    return top;
  }
  const Entry top = entries_[head_++];
  if (head_ == entries_.size()) {
    entries_.clear();
    head_ = 0;
  } else if (head_ >= 1024 && head_ * 2 > entries_.size()) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
  return top;
}

bool WaitingQueue::remove(RequestSlot slot) {
  const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(head_);
  const auto found = std::find_if(begin, entries_.end(), [&](const Entry& e) { return e.slot == slot; });
  if (found == entries_.end()) return false;
  entries_.erase(found);
  reorder();
  return true;
}

void WaitingQueue::reorder() {
  if (ranked_) std::ranges::make_heap(entries_, after);
}

std::vector<RequestSlot> WaitingQueue::in_order() const {
  std::vector<Entry> sorted(entries_.begin() + static_cast<std::ptrdiff_t>(head_), entries_.end());
  if (ranked_) std::sort(sorted.begin(), sorted.end());
  std::vector<RequestSlot> slots;
  for (const Entry& e : sorted) slots.push_back(e.slot);
  return slots;
}

}  // namespace blis
