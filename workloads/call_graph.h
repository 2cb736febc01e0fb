// What is left to send of a trace whose rows wait for several others: agents that fork and join.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "workloads/due_queue.h"
#include "workloads/trace_reader.h"

namespace blis {

// A row is sent its `wait` after the last of those in `waits_for` has ended, all of them well; where one did
// not, it is never sent, nor what waits for it. A row that waits for none is sent at a time of its own.
class CallGraph {
 public:
  // Rows in an order in which each stands behind those it waits for, all of them before the first is sent.
  // One that waits for a row that was not added is left out, with those that wait for it.
  void open(Time arrival, TraceRow row);
  void follow(TraceRow row);

  // When the next row is sent, as far as is known now; kNever if none is due.
  Time next() const { return due_.next(); }
  // The row that is sent at next(), which is not kNever, as `request`. At one moment openings come first.
  TraceRow send(RequestIndex request);
  void ended(RequestIndex request, Time at, Outcome outcome);

  // Rows that waited for one that did not end well.
  std::int64_t never_sent() const { return never_sent_; }
  // Rows that waited for one that was not added.
  std::int64_t left_out() const { return left_out_; }

 private:
  struct Call {
    TraceRow row;
    std::size_t left = 0;  // of those that it waits for
    Time last_end{};       // of them, so far
    bool dropped = false;
    std::vector<std::size_t> followers{};
  };
  std::size_t add(TraceRow row);
  void drop_followers(std::size_t call);

  std::vector<Call> calls_;
  std::unordered_map<std::uint64_t, std::size_t> by_name_;
  DueQueue<std::size_t> due_;
  std::unordered_map<RequestIndex, std::size_t> in_flight_;
  std::int64_t never_sent_ = 0, left_out_ = 0;
};

}  // namespace blis
