// One limit of an SLO.
#pragma once

#include <string>

namespace blis {

// A limit on one figure of a result: `key` is p99_ttft_ms and the like, or goodput_attainment.
struct SloTarget {
  std::string key;
  double limit = 0;
  bool at_least = false;  // the attainment; latencies are at most their limit
};

// NaN meets nothing.
inline bool meets(const SloTarget& target, double value) {
  return target.at_least ? value >= target.limit : value <= target.limit;
}

}  // namespace blis
