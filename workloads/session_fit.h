// Conversations that are like a trace's: turns, pauses, and what each turn adds.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "workloads/trace_reader.h"
#include "workloads/workload_spec.h"

namespace blis {

// Gathers the chains of a trace, row by row in the order of each chain.
class ObservedSessions {
 public:
  // What the row's prompt adds to what its chain has said and answered before, at least one token.
  std::int64_t add(const TraceRow& row);

  bool any() const { return !waits_s_.empty(); }
  // `goodness`: a sentence: what it is, and what is lost. Requires any().
  SessionSpec fit(std::string& goodness) const;

 private:
  struct Chain {
    std::int64_t context = 0;  // tokens said and answered
    double turns = 0;
  };
  std::unordered_map<std::uint64_t, Chain> chains_;
  std::int64_t alone_ = 0;       // rows that nothing follows
  std::vector<double> waits_s_;  // before later turns
};

}  // namespace blis
