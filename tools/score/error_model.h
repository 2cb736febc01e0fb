// From errors of measured runs to what may be promised of others: how the size of an error grows with what a
// run has, tested on groups that were left out.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/simulate/error_band.h"

namespace blis {

struct ErrorSample {
  std::string group;  // errors of one group go together: a model family on a GPU
  std::vector<std::string> features;
  double error_pct = 0;  // absolute
};

// What leaving out each group in turn says of the bands.
struct BandTest {
  std::string metric;
  std::int64_t figures = 0, silent = 0;  // `silent` of them have a feature that too few others have
  double inside_pct = 0;                 // of those with a band
  double median_width_pct = 0, median_error_pct = 0;
};

// A log-linear model of the median error: ridge regression of log(error) on the features, each group weighted
// by the root of its number of errors; the 90th percentile is that of errors over medians which were found
// without their group. A feature that fewer than two groups have says nothing. `test`, if given, receives
// what the same without each group promises about it.
MetricErrors fit_errors(const std::string& metric, std::span<const ErrorSample> samples,
                        BandTest* test = nullptr);

}  // namespace blis
