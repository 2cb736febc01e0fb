// Conditions on a change that make a build fail: `p99_ttft_ms>+5%`.
#pragma once

#include <string>
#include <string_view>

#include "tools/study/diff/paired.h"

namespace blis {

struct Gate {
  std::string key;
  bool above = true;  // fails above the limit rather than below it
  double limit = 0;   // of the change: a share if `relative`, else in the figure's unit
  bool relative = false;
  std::string shown;
};

// KEY>+N%, KEY<-N%, without % in the figure's own unit; KEY+N% is short for KEY>+N%, KEY-N% for KEY<-N%.
// Throws InputError (usage).
Gate parse_gate(std::string_view text);

struct GateResult {
  double change = 0;  // in the gate's measure; NaN: one result has no such figure, and the gate fails
  bool failed = false;
};
// Throws InputError (usage) for a figure that neither result has.
GateResult check_gate(const Gate& gate, const StoredResult& a, const StoredResult& b);

}  // namespace blis
