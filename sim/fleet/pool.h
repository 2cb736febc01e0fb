// What a deployment consists of: pools of equal instances.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "sim/engine_type.h"
#include "sim/fleet/api_server.h"
#include "sim/fleet/scaling_config.h"

namespace blis {

struct Pool {
  std::string name = "default";
  Role role = Role::both;
  std::shared_ptr<const EngineType> engine;  // its configuration, and the latency model of its steps
  int count = 1;                             // instances; with a scaling, at the start
  std::optional<ScalingConfig> scaling{};    // unset: their number stays
  int gpus = 1;                              // of each instance
  double kv_block_bytes = 0;                 // of a KV block, on all GPUs of a rank
  ApiServerConfig api{};                     // in front of each instance

  int places() const { return scaling ? scaling->max_replicas : count; }
};

// Throws InputError (usage) unless the pools can serve a request together: all of them alone, or prefill and
// decode pools in turn, each with an engine that is simulated in its role. Only pools of the first kind
// scale.
void check_pools(std::span<const Pool> pools);

// At most, where their number changes.
int total_instances(std::span<const Pool> pools);
int total_gpus(std::span<const Pool> pools);

}  // namespace blis
