// KV capacities that servers logged, against those predicted.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "scenarios/catalog.h"
#include "tools/score/case_reader.h"
#include "tools/score/simulate_case.h"

namespace blis {

struct KvOutcome {
  std::string id, gpu;
  double measured = 0, predicted = 0;  // tokens; `measured` 0: only bounds are known
  double at_least = 0, at_most = 0;
  bool complete = false, doubtful = false;
  std::string problem;  // why nothing was predicted
};

// The logs, and the blocks that cases logged, each server once.
std::vector<KvOutcome> score_kv(std::span<const KvLog> logs, std::span<const MeasuredCase> cases,
                                const Catalog& catalog, const AccuracyOptions& options);

// Percent; NaN where no number was logged or predicted.
double kv_error(const KvOutcome& outcome);

}  // namespace blis
