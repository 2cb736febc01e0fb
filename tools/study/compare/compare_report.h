// Everything that a comparison is made of, and the documents it can be written as.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/study/compare/analysis.h"
#include "tools/study/compare/find_cheapest.h"
#include "tools/study/compare/sweep.h"

namespace blis {

enum class Goal : std::uint8_t { compare, max_rate, min_gpus, min_cost };

// What `--detect-warmup` found.
struct CommonWarmup {
  std::uint32_t requests = 0;  // left out of each run
  std::size_t points = 0;      // that were looked at
  std::size_t unsettled = 0;   // of them: without a steady state within the first half
};

struct CompareReport {
  Goal goal = Goal::compare;
  Sweep sweep;
  std::vector<PointResult> points;      // in grid order
  std::vector<Row> rows;                // the same
  std::vector<std::size_t> order;       // rows, as sorted
  std::vector<std::size_t> objectives;  // figures; the first decides
  std::size_t sort_by = 0;              // figure
  bool descending = false;
  std::optional<CheapestSearch> cheapest;
  std::optional<CommonWarmup> warmup;  // unset: not asked for
  bool interrupted = false;            // and something was left undone
  std::vector<std::string> warnings;
};

// Analyses the points and puts them in order: those that can be sorted by `sort_by` first, then overloaded
// ones, those that were not run and infeasible ones. An interruption that came too late to cost anything is
// forgotten.
void finish(CompareReport& report);

// "gpu H100-SXM, tp 4": the settings in which this point differs from the others.
std::string label(const CompareReport& report, const PointResult& point);
// The same words as columns: "TP" for engine.tensor_parallel_size.
std::string short_name(std::string_view key);
// The point's value of a key that varies ("scenario", too).
std::string setting_of(const CompareReport& report, const PointResult& point, std::string_view key);
// Those keys, in the order of the grid.
std::vector<std::string> varied_keys(const CompareReport& report);

// Whether none of these points can be told from the first of them by any objective.
bool all_tied(const CompareReport& report, const std::vector<std::size_t>& points);

// What to take, what is next, and why: one or two sentences, or why there is nothing to say.
struct Advice {
  std::string text;
  std::optional<std::size_t> point, runner_up;
};
Advice advise(const CompareReport& report);

// For people, at most `width` characters wide where that is possible; 0: as wide as it gets.
std::string to_text(const CompareReport& report, std::size_t width);
// compare.json. Equal comparisons give equal bytes.
std::string to_json(const CompareReport& report);
// A row a point, in grid order; points.csv.
std::string to_csv(const CompareReport& report);

}  // namespace blis
