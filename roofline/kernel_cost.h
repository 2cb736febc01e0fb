// What a kernel or a group of kernels costs, split by what binds. Microseconds.
#pragma once

#include <algorithm>
#include <cmath>

namespace blis {

struct KernelCost {
  double compute = 0;
  double weights = 0;  // weights and activations through memory
  double kv = 0;
  double communication = 0;
  double launch = 0;

  double total() const { return compute + weights + kv + communication + launch; }

  KernelCost& operator+=(const KernelCost& o) {
    compute += o.compute, weights += o.weights, kv += o.kv, communication += o.communication,
        launch += o.launch;
    return *this;
  }
  friend KernelCost operator+(KernelCost a, const KernelCost& b) { return a += b; }
  friend KernelCost operator*(double k, const KernelCost& c) {
    return {k * c.compute, k * c.weights, k * c.kv, k * c.communication, k * c.launch};
  }
};

// (a^p + b^p)^(1/p), p >= 1: never below the larger, never above the sum.
inline double norm(double p, double a, double b) {
  const double high = std::max(a, b), low = std::min(a, b);
  if (low <= 0) return high;
  return high * std::pow(1 + std::pow(low / high, p), 1 / p);
}

}  // namespace blis
