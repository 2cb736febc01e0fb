// How requests are routed, as a value: the policy, and what it can be told.
#pragma once

#include <array>
#include <chrono>
#include <string_view>

#include "sim/fleet/epp/config.h"
#include "sim/units.h"

namespace blis {

struct RouterConfig {
  std::string_view policy = "round_robin";  // a row of kRouters
  Duration scrape =
      std::chrono::milliseconds{50};  // between two looks at a replica's metrics; 0: always fresh
  std::array<double, kPolicyParameters> values{};  // of the row's parameters, in their order
  int ranks_of_vllm = 0;  // of `vllm_balance`: so many instances side by side are one vLLM; 0: all of them
  EppConfig epp{};        // of the policy `epp`
};

// The policy with all its parameters as they are where nobody says.
RouterConfig standard_router(std::string_view policy);

}  // namespace blis
