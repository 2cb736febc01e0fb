// The event loop: requests from a source, through a router, to the instances of pools, to a result.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "blis/progress.hpp"
#include "sim/fleet/admission.h"
#include "sim/fleet/epp/flow_control_config.h"
#include "sim/fleet/failure.h"
#include "sim/fleet/gateway.h"
#include "sim/fleet/handing_on.h"
#include "sim/fleet/pool.h"
#include "sim/fleet/router_config.h"
#include "sim/request_source.h"
#include "sim/run_result.h"
#include "sim/step_reader.h"

namespace blis {

struct SimulationConfig {
  std::vector<Pool> pools;  // engines are numbered in their order
  GatewayConfig gateway{};
  HandingOn handing_on{};                        // with prefill and decode pools
  RouterConfig router{};                         // of each group of pools that is chosen among
  std::optional<RouterConfig> prefill_router{};  // of prefill pools, if it is another one
  // Who may pass the router, and when, where it is llm-d's picker; and what clients say for that, by number.
  std::optional<FlowControlConfig> flow_control{};
  std::vector<FlowOfClient> flows{};
  std::vector<ReplicaFailure>
      failures{};  // by time; of replicas of pools that do not scale, with the role both
  OverLength over_length = OverLength::reject;
  std::uint64_t seed = 0;  // of all that is drawn at random: routing, draft acceptance
};

// Runs until the source is exhausted and every request has an outcome. Deterministic: equal arguments give
// equal results. Throws what the source throws, and InputError for pools that cannot serve together. A reader
// of `folding` that has read pieces by then has still to be given the rest, with StepReader::finish.
RunResult simulate(const SimulationConfig& config, RequestSource& source, const ProgressFn& progress = {},
                   const Folding& folding = {});

}  // namespace blis
