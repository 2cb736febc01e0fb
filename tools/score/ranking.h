// Of pairs of runs that differ in one decision, how often the simulation says which is faster.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/score/simulate_case.h"

namespace blis {

// A pair whose measured figures differ by less than this says nothing; predictions closer than it are ties.
constexpr double kRankingGapPct = 3;

struct Ranking {
  std::string differs_in;  // "gpu or parallelism", "engine settings"
  Metric metric;
  std::size_t right = 0, tied = 0, wrong = 0;
};

// Runs of the same model, traffic and stage; the larger decision counts where both differ.
std::vector<Ranking> rank_pairs(std::span<const CaseOutcome> outcomes);

}  // namespace blis
