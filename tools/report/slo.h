// Whether a run keeps what its scenario's `slo:` asks for.
#pragma once

#include <string>
#include <vector>

#include "tools/report/report.h"

namespace blis {

struct SloCheck {
  std::string key;  // p99_ttft_ms, or goodput_attainment
  double limit = 0;
  double value = 0;  // NaN: there is none, and the limit is not met
  bool met = false;
};

// One a limit, in the order of slo_keys(); the share of good requests last. Empty without an SLO.
// `goodput` without `attainment` asks for nothing.
std::vector<SloCheck> check_slo(const Report& report);

}  // namespace blis
