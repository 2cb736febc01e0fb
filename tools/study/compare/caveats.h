// What the figures and verdicts of a comparison rest on: the sentences that belong to every form of it.
#pragma once

#include <string>
#include <vector>

#include "tools/study/compare/compare_report.h"

namespace blis {

// Whole sentences: on the seeds, on the latency model's error, on the evidence for the GPUs, on the warm-up.
// Empty if nothing was simulated.
std::vector<std::string> caveats(const CompareReport& report);

}  // namespace blis
