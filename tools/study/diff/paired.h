// How figures of two results differ, request by request.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/study/diff/against_measured.h"
#include "tools/study/diff/stored_result.h"

namespace blis {

// The confidence interval (95 %) of B - A.
struct PairedInterval {
  double low = 0, high = 0;
};

struct FigureDifference {
  std::string key;
  double a = 0, b = 0;  // as the results have them
  std::optional<PairedInterval>
      interval;  // of figures of the requests; not of the pooled gaps between tokens

  double change() const { return b - a; }
  double relative() const { return (b - a) / a; }  // infinite from zero
};

struct SettingDifference {
  std::string key, a, b;  // empty: not set
};

// Of the scenarios, by key; the name apart.
std::vector<SettingDifference> settings_that_differ(const StoredResult& a, const StoredResult& b);

struct ResultDiff {
  std::size_t paired = 0;      // requests that both answered in full
  bool same_traffic = false;   // equal prompts, and equal answers where both completed, one by one
  bool same_arrivals = false;  // at equal times, too
  bool requests_differ = false;
  std::vector<SettingDifference> settings;
  std::vector<TrafficRow> traffic;
  std::vector<FigureDifference> figures;    // only those that differ
  std::optional<AgainstMeasured> measured;  // where there is a measurement of both

  bool empty() const { return settings.empty() && figures.empty() && !requests_differ; }
};

// Requests are paired by request_id; without the same traffic there is no pair and no interval. The interval
// is that of a jackknife which leaves out one of 30 blocks of successive requests at a time (they are not
// independent), with Student's t.
ResultDiff diff_results(const StoredResult& a, const StoredResult& b);

}  // namespace blis
