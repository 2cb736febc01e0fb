// A mean over replications and how sure it is.
#pragma once

#include <algorithm>
#include <limits>
#include <span>

namespace blis {

constexpr double kConfidence = 0.95;

struct Estimate {
  double mean = std::numeric_limits<double>::quiet_NaN();
  // Half the width of Student's t confidence interval at kConfidence; NaN where nothing can be said: of one
  // replication, or of replications that cannot differ.
  double half_width = std::numeric_limits<double>::quiet_NaN();

  bool has_interval() const { return half_width == half_width; }
  // The interval's ends; the mean itself where there is none.
  double low() const { return has_interval() ? mean - half_width : mean; }
  double high() const { return has_interval() ? mean + half_width : mean; }
  // The lower end of what is never negative: a time, a rate, a share.
  double low_end() const { return std::max(low(), 0.0); }
};

// Of independent replications of one figure. NaN if any of them is.
Estimate estimate(std::span<const double> replications);

// The factor of the standard error for `degrees` of freedom (1 or more), both tails at kConfidence.
double student_t(int degrees);

}  // namespace blis
