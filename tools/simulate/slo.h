// What a scenario's `slo:` asks of a result, and whether the result keeps it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/simulate/report.h"
#include "tools/simulate/verdict.h"

namespace blis {

// One a limit, in the order of slo_keys(); the share of good requests last. `goodput` without
// `attainment` asks for nothing.
std::vector<SloTarget> slo_targets(const SloSettings& slo);

// Throws InputError (usage) if there is nothing that `flag` could judge.
void require_targets(const SloSettings& slo, std::string flag);

// One a target. Empty without an SLO.
std::vector<LimitVerdict> judge_slo(const RunReport& report);
// Of all limits together: one that is missed is a miss. `none` without any.
Verdict overall(std::span<const LimitVerdict> limits);

}  // namespace blis
