// From replications to statements: estimates, verdicts, what dominates what.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/simulate/verdict.h"
#include "tools/study/compare/estimate.h"
#include "tools/study/compare/point_result.h"

namespace blis {

enum class Status : std::uint8_t {
  ok,
  overloaded,  // requests came faster than they were served, at least with one seed
  infeasible,  // see PointResult::reason
  not_run,     // interrupted, or not needed for the answer
};
std::string_view to_string(Status status);

// A point of the table.
struct Row {
  const PointResult* point = nullptr;
  Status status = Status::not_run;
  std::size_t overloaded_runs = 0;
  bool identical_runs = false;    // several seeds, and no difference: nothing in the point depends on chance
  std::vector<Estimate> figures;  // by figure index; latencies are NaN where the point is overloaded
  std::vector<LimitVerdict> limits;
  Verdict verdict = Verdict::none;  // of all limits
  bool met = false;                 // all limits, by the means alone
  bool beyond_measurement = false;  // kept limits for which the scored model's error is unknown at such load
  bool on_front = false;
  bool interrupted = false;  // some of its seeds, or of the rates that its search needs, were not run
  Accuracy accuracy;         // of the latency model; without bands if nothing like this point was measured

  double value(std::size_t figure) const;  // its mean; NaN without any run
  // What points are compared by: where the SLO limits the figure what that is held against, in which requests
  // that were not served count as slowest; else value().
  double judged(std::size_t figure) const;
};

// The table's latencies are those of full answers. Its finest percentile is the 99th: from a tenth of that
// tail on, requests without an answer are said.
constexpr double kMostUnanswered = 0.001;

// What share of the measured requests has no full answer, or was given up by its client, as a sentence;
// empty up to kMostUnanswered.
std::string unanswered(const Row& row);
// Why a limit's value is infinite: "12 % of requests were not served".
std::string too_many_unserved(const Row& row);

Row analyse(const PointResult& point);

// Whether the objective prefers `a` to `b`; NaN is never preferred.
bool better(std::size_t figure, double a, double b);

// Whether two points differ in a figure by no more than chance: by kTie, or, with several seeds, within the
// confidence interval of the differences seed by seed, if that is not wider than kDominanceMargin.
bool tied(const Row& a, const Row& b, std::size_t figure);
constexpr double kTie = 0.005;

// Marks the rows that no other beats: at least as good in all `objectives` and better in one. Only rows that
// have a value for each and are not overloaded take part.
void mark_front(std::vector<Row>& rows, const std::vector<std::size_t>& objectives);

// The point, if any, that makes more runs of `points[i]` useless: with the replications so far it keeps its
// SLO, and even its worst is better than the other's best in every objective, by kDominanceMargin in one.
// Objectives that do not depend on the seed may be equal.
std::optional<std::size_t> dominated_by(const std::vector<PointResult>& points, std::size_t i,
                                        const std::vector<std::size_t>& objectives);
constexpr double kDominanceMargin = 0.05;

}  // namespace blis
