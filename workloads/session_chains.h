// What is left to send of a trace whose later rows wait for earlier ones to be answered.
#pragma once

#include <deque>
#include <unordered_map>
#include <utility>

#include "workloads/due_queue.h"
#include "workloads/trace_reader.h"

namespace blis {

// A chain is a row that is sent at a time of its own, then the rows that each wait for the one before.
// At any moment a chain is to be opened, in flight, due, or over: of its rows one at most is on its
// way, so that one answer sets one row going. Chains of one session know nothing of each other. A row
// of chain 0 is a chain of its own that nothing follows.
class SessionChains {
 public:
  // `row` opens its chain and is sent at `arrival`, which is no earlier than that of the call before.
  void open(Time arrival, TraceRow row) { openings_.emplace_back(arrival, std::move(row)); }
  // `row`, which has a `wait`, follows the last row of its chain. Only before that one has ended.
  void follow(TraceRow row) { left_[row.chain].push_back(std::move(row)); }

  bool has_opening() const { return !openings_.empty(); }
  // When the next row is sent, as far as is known now; kNever if none is due.
  Time next() const;
  // The row that is sent at next(), which is not kNever, as `request`. At one moment openings come first.
  TraceRow send(RequestIndex request);
  // A chain in which a request does not end well is over.
  void ended(RequestIndex request, Time at, Outcome outcome);

  // Rows of chains that ended before them.
  std::int64_t never_sent() const { return never_sent_; }

 private:
  using Chain = std::uint64_t;

  std::deque<std::pair<Time, TraceRow>> openings_;
  std::unordered_map<Chain, std::deque<TraceRow>> left_;  // that wait, by chain
  DueQueue<Chain> due_;
  std::unordered_map<RequestIndex, Chain> in_flight_;
  std::int64_t never_sent_ = 0;
};

}  // namespace blis
