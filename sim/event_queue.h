// What is to happen, in the order in which it happens.
#pragma once

#include <boost/heap/d_ary_heap.hpp>
#include <compare>
#include <cstdint>

#include "sim/units.h"

namespace blis {

// At one instant, steps complete first, and whoever they answer no longer waits; then KV blocks arrive; then
// replicas die; then clients give up; then requests arrive; then those that have passed the gateway are sent;
// then the router looks at those that wait there; then engines plan steps, which see all of this; and last,
// replicas become ready and autoscalers decide.
enum class EventKind : std::uint8_t {
  complete,
  transfer,
  fail,
  timeout,
  arrival,
  dispatch,
  look,
  plan,
  ready,
  scale
};

struct Event {
  Time at{};
  EventKind kind = EventKind::arrival;
  std::uint32_t target = 0;  // complete, plan, ready: an EngineIndex; timeout, dispatch, transfer: a
                             // RequestIndex; scale: a pool that has one
};

// Events pop by (time, kind, order of pushing). Pending are one event of the source, one of the router's next
// look, one of each engine, one of each autoscaler and each start of a replica, and one of each request that
// is at the gateway or whose client has a timeout that has not passed.
class EventQueue {
 public:
  explicit EventQueue(std::size_t capacity) { heap_.reserve(capacity); }

  void push(const Event& event) { heap_.push({event, pushed_++}); }
  Event pop() {
    const Event event = heap_.top().event;
    heap_.pop();
    return event;
  }
  const Event& top() const { return heap_.top().event; }
  bool empty() const { return heap_.empty(); }

 private:
  struct Entry {
    Event event;
    std::uint64_t sequence;
    // The heap keeps its largest on top.
    friend bool operator<(const Entry& a, const Entry& b) {
      if (a.event.at != b.event.at) return a.event.at > b.event.at;
      if (a.event.kind != b.event.kind) return a.event.kind > b.event.kind;
      return a.sequence > b.sequence;
    }
  };

  boost::heap::d_ary_heap<Entry, boost::heap::arity<4>> heap_;
  std::uint64_t pushed_ = 0;
};

}  // namespace blis
