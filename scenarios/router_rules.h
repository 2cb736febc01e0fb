// Who chooses among the engines of a deployment where nobody says, and how vLLM of a version chooses among
// its data-parallel ranks.
#pragma once

#include "scenarios/resolved_scenario.h"
#include "sim/rank_balance.h"

namespace blis {

// Fills in the router's policy and, of `vllm_balance`, what the version decides. Throws InputError (usage)
// for parameters of it where vLLM chooses among nothing. Needs all else to be resolved.
void settle_router(ResolvedScenario& d);

// How many instances behind the router are one vLLM, among which it chooses itself; 0: nobody knows of any.
int ranks_of_vllm(const ResolvedScenario& d);

// Of the ranks of one engine, of a scenario without pools of its own.
RankBalanceRule rank_balance(const ResolvedScenario& pool);

}  // namespace blis
