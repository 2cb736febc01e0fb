// What a scenario's `slo:` asks of a result, and whether the result keeps it.
#pragma once

#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace blis {

// A limit on one figure of a result: `key` is p99_ttft_ms and the like, or goodput_attainment.
struct SloTarget {
  std::string key;
  double limit = 0;
  bool at_least = false;  // the attainment; latencies are at most their limit
};

// One a limit, in the order of slo_keys(); the share of good requests last. `goodput` without
// `attainment` asks for nothing.
std::vector<SloTarget> slo_targets(const SloSettings& slo);

// Throws InputError (usage) if there is nothing that `flag` could judge.
void require_targets(const SloSettings& slo, std::string flag);

// NaN meets nothing.
inline bool meets(const SloTarget& target, double value) {
  return target.at_least ? value >= target.limit : value <= target.limit;
}

struct SloCheck {
  std::string key;
  double limit = 0;
  double value = 0;  // NaN: there is none, and the limit is not met
  bool met = false;
};

// One a target. Empty without an SLO.
std::vector<SloCheck> check_slo(const RunReport& report);

}  // namespace blis
