// What other simulators predicted for the same runs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/score/summary.h"

namespace blis {

// One simulator's published errors, and ours on just those runs.
struct PeerComparison {
  std::string simulator;
  bool in_sample = false;  // it was fitted to some of these runs
  std::size_t runs = 0;
  struct Row {
    Metric metric;
    ErrorSummary theirs, ours;
  };
  std::vector<Row> rows;
};

// From peer_errors.csv of the folder; nothing if there is no such file. Pooled stages of runs that are
// not marked overloaded; ITL stands for TPOT, against the corrected measurement. Throws InputError (io).
std::vector<PeerComparison> compare_with_peers(const std::string& folder,
                                               std::span<const CaseOutcome> outcomes);

}  // namespace blis
