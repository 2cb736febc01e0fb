// Two predictions, as before and after a calibration, against one measurement.
#pragma once

#include <string>
#include <vector>

#include "tools/study/diff/stored_result.h"
#include "tools/study/diff/traffic_facts.h"

namespace blis {

struct MeasuredFigure {
  std::string key;
  double a = 0, b = 0, measured = 0;

  // Shares of what was measured; not finite where that is zero or not known.
  double error_a() const { return a / measured - 1; }
  double error_b() const { return b / measured - 1; }
};

struct AgainstMeasured {
  std::string name;                       // of what was measured
  std::vector<std::string> notes;         // as StoredResult::notes
  std::vector<TrafficRow> traffic;        // of B, and as it was measured
  std::vector<MeasuredFigure> figures{};  // that all three have
  std::size_t latencies = 0;              // of them: means and percentiles of latencies
  double mean_a = 0, mean_b = 0;          // their mean absolute errors; NaN without any
};
AgainstMeasured against_measured(const StoredResult& a, const StoredResult& b, const StoredResult& measured);

// Which is nearer, in a sentence with a full stop.
std::string which_is_nearer(const AgainstMeasured& against);

}  // namespace blis
