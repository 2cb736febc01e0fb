// A comparison from its sweep to its report.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "scenarios/catalog.h"
#include "tools/output/progress_bar.h"
#include "tools/study/compare/compare_report.h"

namespace blis {

struct ComparisonRequest {
  Sweep sweep;
  Goal goal = Goal::compare;
  std::vector<Objective> sort_by{};  // keys that vary, and figures; empty: the first objective
  std::vector<Objective> columns{};  // figures, `bound_by`, or `all` alone; empty: those that fit
  int threads = 1;
  bool detect_warmup = false;  // see leave_out_warmup()
  bool stop_dominated = false;
  std::string folder{};                                  // where points are kept and found; empty: nowhere
  bool resume = false;                                   // take what the folder has
  std::function<bool()> going_on = [] { return true; };  // false stops what runs; asked from any thread
};

// Reads the scenarios of all points, checks that they fit into memory, and settles what is better: what is to
// be known before anything is simulated. Throws InputError (usage, io).
CompareReport prepare_comparison(const ComparisonRequest& request, const Catalog& catalog);

// Simulates or searches, and analyses. What was stopped is in the report as such.
void run_comparison(CompareReport& report, const ComparisonRequest& request, const Catalog& catalog,
                    ProgressBar& bar);

// What follows when all points have their runs, or something stopped them: warnings, rows, their order.
void conclude(CompareReport& report, const ComparisonRequest& request);

}  // namespace blis
