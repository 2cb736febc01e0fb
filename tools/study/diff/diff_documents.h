// What changed from one result to another, as documents.
#pragma once

#include <string>
#include <vector>

#include "tools/study/diff/gate.h"
#include "tools/study/diff/paired.h"

namespace blis {

struct CheckedGate {
  Gate gate;
  GateResult result;
};

// For people, at most `width` characters wide where that is possible; 0: as wide as it gets. Empty where
// nothing differs and no gate failed.
std::string to_text(const ResultDiff& diff, const std::vector<CheckedGate>& gates, std::size_t width);
// The same for a page or a message.
std::string to_markdown(const ResultDiff& diff, const std::vector<CheckedGate>& gates);
std::string to_json(const ResultDiff& diff, const std::vector<CheckedGate>& gates);

}  // namespace blis
