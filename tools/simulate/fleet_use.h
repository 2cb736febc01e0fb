// What a deployment held of its GPUs while it was measured: less than it may, where the number of replicas
// follows the load.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/build.h"
#include "sim/metrics.h"

namespace blis {

// Of replicas that hold GPUs: those that start or drain, too.
struct ScaledPoolUse {
  std::string name;
  int gpus = 1;  // of a replica
  double mean = 0;
  std::int32_t least = 0, most = 0;
  std::int32_t ups = 0, downs = 0;  // decisions
};

struct FleetUse {
  double gpus = 0;                     // mean
  std::optional<double> usd_per_hour;  // of those; unset without a price
  double gpu_hours = 0;
  std::vector<ScaledPoolUse> scaled;  // pools that scale
};

// From the first measured arrival to the last token.
FleetUse fleet_use(const BuiltSimulation& built, const RunResult& run, const Metrics& metrics,
                   const MetricsOptions& options);

// Replicas with a GPU, in the mean over [begin, end); as it stands at `begin`, if that is all.
double mean_replicas(const PoolScaling& pool, Time begin, Time end);

}  // namespace blis
