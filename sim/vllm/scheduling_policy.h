// Who is served first. A policy is a rank: the lowest is admitted first, the highest is preempted
// first. Adding one is a function and a row.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

#include "sim/units.h"

namespace blis {

// Compared in this order. Ties are broken by request id when admitting, and by admission order
// (the earliest goes) when choosing a victim.
struct Rank {
  std::int64_t first = 0;
  std::int64_t second = 0;
  friend auto operator<=>(const Rank&, const Rank&) = default;
};

// What a policy may look at: never the output's length, which no scheduler knows.
struct RankedRequest {
  std::int32_t priority = 0;
  std::int32_t prompt_tokens = 0;
  Time arrival{};
};

using RankOf = Rank (*)(const RankedRequest&);

struct SchedulingPolicy {
  std::string_view name;
  RankOf rank;  // nullptr: first come, first served; the last admitted is preempted first
};

// vLLM's two.
inline constexpr std::array kSchedulingPolicies{
    SchedulingPolicy{"fcfs", nullptr},
    SchedulingPolicy{"priority",
                     [](const RankedRequest& r) {
                       return Rank{r.priority, since_start(r.arrival).count()};
                     }},
};

constexpr const SchedulingPolicy* find_scheduling_policy(std::string_view name) {
  for (const SchedulingPolicy& policy : kSchedulingPolicies) {
    if (policy.name == name) return &policy;
  }
  return nullptr;
}

}  // namespace blis
