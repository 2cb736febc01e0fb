// What a kernel or a group of kernels costs, split by what binds. Microseconds.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/cost_part.h"

namespace blis {

class KernelCost {
 public:
  KernelCost() = default;
  KernelCost(CostPart part, double us) {
    sums_[part] = us;
    sums_[whole_of(part)] = us;
  }

  template <CostPart kPart>
  void add(double us) {
    sums_[kPart] += us;
    if constexpr (!is_whole(kPart)) sums_[whole_of(kPart)] += us;
  }
  // Of time that is in the part's whole already.
  template <CostPart kPart>
  void tell_apart(double us) {
    static_assert(!is_whole(kPart));
    sums_[kPart] += us;
  }

  // Without what lies within it.
  template <CostPart kPart>
  double get() const {
    double us = sums_[kPart];
    if constexpr (has_parts(kPart)) {
      for_each_cost_part([&]<CostPart kOther>() {
        if constexpr (kOther != kPart && whole_of(kOther) == kPart) us -= sums_[kOther];
      });
      if (us < 0) us = 0;  // by rounding
    }
    return us;
  }
  double operator[](CostPart part) const {
    double us = 0;
    for_each_cost_part([&]<CostPart kPart>() {
      if (kPart == part) us = get<kPart>();
    });
    return us;
  }
  // Takes out a part that has none within it.
  KernelCost take(CostPart part) { return {part, std::exchange(sums_[part], 0.0)}; }
  double with_parts(CostPart whole) const { return sums_[whole]; }

  double total() const {
    double us = 0;
    for_each_cost_part([&]<CostPart kPart>() {
      if constexpr (is_whole(kPart)) us += sums_[kPart];
    });
    return us;
  }

  KernelCost& operator+=(const KernelCost& o) {
    for_each_cost_part([&]<CostPart kPart>() { sums_[kPart] += o.sums_[kPart]; });
    return *this;
  }
  void add_to(KernelCost& cost, double times) const {
    for_each_cost_part([&]<CostPart kPart>() { cost.sums_[kPart] += times * sums_[kPart]; });
  }
  friend KernelCost operator+(KernelCost a, const KernelCost& b) { return a += b; }
  friend KernelCost operator*(double k, const KernelCost& c) {
    KernelCost scaled;
    for_each_cost_part([&]<CostPart kPart>() { scaled.sums_[kPart] = k * c.sums_[kPart]; });
    return scaled;
  }

 private:
  ByPart<double> sums_;  // of a whole with what lies within it
};

// (a^p + b^p)^(1/p), p >= 1: never below the larger, never above the sum.
inline double norm(double p, double a, double b) {
  const double high = std::max(a, b), low = std::min(a, b);
  if (low <= 0) return high;
  return high * std::pow(1 + std::pow(low / high, p), 1 / p);
}

}  // namespace blis
