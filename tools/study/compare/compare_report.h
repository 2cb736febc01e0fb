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

// What rows are ordered by.
struct SortKey {
  std::string setting{};   // one that varies, in the order in which its values were given; else
  std::size_t figure = 0;  // the best first
};

// The figures that the table shows; without any, those that fit the width.
struct TableColumns {
  bool all = false;  // whatever the width
  bool bound_by = false;
  std::vector<std::size_t> figures{};

  bool chosen() const { return all || bound_by || !figures.empty(); }
};

struct CompareReport {
  Goal goal = Goal::compare;
  Sweep sweep;
  std::vector<PointResult> points;      // in grid order
  std::vector<Row> rows;                // the same
  std::vector<std::size_t> order;       // rows, as sorted
  std::vector<std::size_t> objectives;  // figures; the first decides
  std::vector<SortKey> sort_by;         // the first that tells two rows apart decides
  TableColumns columns{};
  std::optional<CheapestSearch> cheapest;
  std::optional<CommonWarmup> warmup;  // unset: not asked for
  bool interrupted = false;            // and something was left undone
  std::vector<std::string> warnings;
};

// Analyses the points and puts them in order. By a figure: those that have one first, then overloaded ones,
// those that were not run and infeasible ones. An interruption that came too late to cost anything is
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

// "hardware.gpu,p99_ttft_ms"
std::string sorted_by(const CompareReport& report);

// For people, at most `width` characters wide where that is possible; 0: as wide as it gets.
std::string to_text(const CompareReport& report, std::size_t width);
// The same for a page or a message.
std::string to_markdown(const CompareReport& report);
// compare.json. Equal comparisons give equal bytes.
std::string to_json(const CompareReport& report);
// A row a point, in grid order; points.csv.
std::string to_csv(const CompareReport& report);

}  // namespace blis
