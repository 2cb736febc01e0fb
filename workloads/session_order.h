// Which row of a trace a row that waits is waiting for.
#pragma once

#include <optional>
#include <unordered_map>

#include "workloads/trace_reader.h"

namespace blis {

// Sees the rows of a file in their order. A row with a `wait` follows the row above it in its session; any
// other row opens a chain of its own, even if its session has one under way, and so does a session's
// first row that has a time stamp beside its wait.
class SessionOrder {
 public:
  explicit SessionOrder(FollowUps where) : where_(where) {}

  // Sets `chain` of the row that `reader` has just filled, and clears the `wait` of one that waits for
  // nothing. Throws BadRow, and forgets the row: for one that waits and has nothing above it, or that
  // came before what it waits for.
  void add(TraceRow& row, const TraceReader& reader);

 private:
  struct Last {
    std::uint64_t session = 0, chain = 0;
    std::optional<Duration> stamp;
  };
  Last* above(std::uint64_t session);
  void remember(const Last& row);

  FollowUps where_;
  std::uint64_t chains_ = 0;
  Last last_;                                     // row of the file: what adjacent rows follow
  std::unordered_map<std::uint64_t, Last> rows_;  // the last of each session, where rows lie anywhere
};

}  // namespace blis
