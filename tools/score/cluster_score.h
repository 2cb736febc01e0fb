// Published benchmarks of clusters, simulated with several seeds and scored stage by stage.
#pragma once

#include <string>
#include <vector>

#include "tools/score/cluster_case.h"
#include "tools/score/simulate_case.h"

namespace blis {

// One simulation: a load drawn with one seed.
struct ClusterRun {
  std::vector<ClusterFigures> stages;  // in the order of the load
  double itl_ms = 0;                   // mean over stages of (E2E - TTFT) / (output tokens - 1)
};

struct ClusterOutcome {
  ClusterCase measured;
  std::vector<ClusterRun> runs;  // by seed, from 1 on
  std::string problem;           // why it could not be simulated; empty: it was
};

// Median absolute error in percent of a figure over the scored stages, of each run; over the one published
// figure, where there are no stages.
std::vector<double> errors_by_seed(const ClusterOutcome& outcome, std::size_t figure);

// In the order of the cases. Loads are bimodal in what seed they are drawn with: see several.
std::vector<ClusterOutcome> simulate_clusters(const std::vector<ClusterCase>& cases, const Catalog& catalog,
                                              const AccuracyOptions& options);

std::string to_text(const std::vector<ClusterOutcome>& outcomes, bool by_stage);
std::string to_json(const std::vector<ClusterOutcome>& outcomes);

}  // namespace blis
