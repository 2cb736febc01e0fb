// Scores on what constants have not seen: a family of runs, or the kernel tables of a GPU.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/score/simulate_case.h"
#include "tools/score/summary.h"

namespace blis {

// A constant outside the kernels that serving runs, and nothing else, tell: a key of the scenario, its
// range, and how finely it is looked for.
struct FittedConstant {
  std::string_view key;
  double low, high;
};
std::span<const FittedConstant> fitted_constants();

struct LeftOut {
  std::string what;                                           // a family, or a GPU
  std::vector<std::pair<std::string_view, double>> refitted;  // constants found without it; none for a GPU
  std::vector<MeasuredCase> cases;                            // its own
  std::vector<CaseOutcome> outcomes;                          // of `cases`, simulated with them
  std::vector<MetricSummary> metrics;                         // of those not marked overloaded
};

// Refits the constants to the runs of all families but one, from the middle of their ranges, and scores
// that one: for each family whose runs are not all overloaded.
std::vector<LeftOut> leave_families_out(std::span<const MeasuredCase> cases, const Catalog& catalog,
                                        const AccuracyOptions& options);

// `catalogs` holds a data folder for each GPU, in which that GPU has the constants of the others, as
// `tools/score/fit/fit.py --leave-out` writes them. Throws InputError (io) if none of them is of a GPU here.
std::vector<LeftOut> leave_gpus_out(std::span<const MeasuredCase> cases, const Catalog& catalog,
                                    const std::string& catalogs, const AccuracyOptions& options);

std::string to_text(std::span<const LeftOut> left_out);

}  // namespace blis
