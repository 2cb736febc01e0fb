#include "tools/study/compare/estimate.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace blis {

double student_t(int degrees) {
  return boost::math::quantile(boost::math::students_t(degrees), 1 - (1 - kConfidence) / 2);
}

Estimate estimate(std::span<const double> replications) {
  Estimate result;
  if (replications.empty()) return result;
  const auto n = static_cast<double>(replications.size());
  double sum = 0;
  for (const double value : replications) sum += value;
  // A sum rounds, and equal values have no spread.
  const bool equal =
      std::ranges::all_of(replications, [&](double value) { return value == replications[0]; });
  result.mean = equal ? replications[0] : sum / n;
  if (replications.size() < 2) return result;
  double squares = 0;
  for (const double value : replications) squares += (value - result.mean) * (value - result.mean);
  const double standard_error = std::sqrt(squares / (n - 1) / n);
  result.half_width = student_t(static_cast<int>(replications.size()) - 1) * standard_error;
  return result;
}

}  // namespace blis
