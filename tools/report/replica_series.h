// Each replica of a fleet over time, at a size that grows with neither the run nor the fleet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/output/json_writer.h"
#include "tools/simulate/report.h"

namespace blis {

constexpr std::size_t kReplicasDrawn = 16;  // each by itself; of more the spread is drawn

// Means over each piece of time; idle time counts.
struct ReplicaLine {
  std::optional<std::size_t> replica;  // or, of a large fleet,
  std::string statistic;               // over the replicas of the pool, of each piece of time by itself
  std::string pool;                    // empty: there is only one
  std::vector<double> running;         // sequences admitted
  std::vector<double> waiting;         // sequences in the scheduler's queue
  std::vector<double> kv_usage;        // share of KV blocks, 0 to 1
};

struct ReplicaSeries {
  Duration width{};  // of a piece, from the start of the simulation on; the last one ends with the last step
  std::vector<ReplicaLine> lines;
};
// No lines for a run of one replica, or without steps.
ReplicaSeries replica_series(const RunReport& report);

// The member `replicas` of series.json, if there are lines.
void write_replica_series(JsonWriter& json, const RunReport& report);

}  // namespace blis
