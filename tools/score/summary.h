// From outcomes of cases to the figures a model is judged by.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/score/simulate_case.h"

namespace blis {

// Over absolute percentage errors (APE). NaN without a single one.
struct ErrorSummary {
  std::size_t count = 0;
  double median_ape = 0, mean_ape = 0, within_10pct = 0, median_signed = 0;  // percent; a share
};
ErrorSummary summarize_errors(std::vector<double> signed_pct);

// What runs are judged by, in the order of reports; TPOT and TTFT of curves. Throughput comes last.
std::span<const Metric> judged_metrics();

struct MetricSummary {
  Metric metric;
  ErrorSummary errors;
};
struct GroupSummary {
  std::string group;  // "all", "dense", "H100-SXM", a family, "format int4", "overload", "curves", ...
  std::vector<MetricSummary> metrics;
};

// Runs, by their pooled figures or else stage by stage: all, dense, moe, each GPU, family, weight format,
// release and loop, all without those marked overloaded, which are `overload`, and without figures that are
// known to be doubtful, which are `doubtful`.
// Curves: `curves` (judged) and its GPUs and families as `curves:NAME`; `curves_partial` the others. With
// no run among the cases, the judged curves are `all`, too. A curve's error is the median of its points,
// signed by the median's sign.
std::vector<GroupSummary> summarize_groups(std::span<const CaseOutcome> outcomes);

// The pooled stage of a run; null if nothing was measured of it.
const StageOutcome* pooled(const CaseOutcome& outcome);
// What counts of a run: its pooled stage, or all of them where nothing was pooled.
std::span<const StageOutcome> scored_stages(const CaseOutcome& outcome);
double signed_error(const StageOutcome& stage, Metric metric);
// Of a curve: of the points' errors the median, signed. `metric`: tpot_mean or ttft_mean.
double curve_error(const CaseOutcome& outcome, Metric metric);
// The median of their absolute values.
double curve_ape(const CaseOutcome& outcome, Metric metric);

double median(std::vector<double> values);  // NaN when empty

}  // namespace blis
