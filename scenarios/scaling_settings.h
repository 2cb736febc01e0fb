// How a scenario says that the number of a pool's replicas follows its load.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace blis {

struct ScalingMetricSettings {
  std::string name;                            // of kScalingMetrics
  std::optional<double> average_value, value;  // exactly one: for each replica, or of all together
};

// In one direction; what is null is Kubernetes' own, and one limit alone is the only one.
struct ScalingBehaviorSettings {
  std::optional<double> stabilization_window_s;
  std::optional<double> percent;  // of the replicas, in a period
  std::optional<int> replicas;    // in a period
  std::optional<double> period_s;
};

// What starting a replica takes, if nobody has measured it.
struct StartupSettings {
  double storage_gbytes_s = 0;  // at which its weights are read
  double compile_s = 0, graphs_s = 0;
};

struct AutoscalingSettings {
  std::string policy = "hpa";  // of kAutoscalers
  int min_replicas = 1;
  int max_replicas = 1;
  double sync_period_s = 15;        // between two decisions
  std::optional<double> startup_s;  // of a replica; exactly one of the two
  std::optional<StartupSettings> startup;

  std::vector<ScalingMetricSettings> metrics;  // these four of the policy hpa
  std::optional<double> tolerance;
  std::optional<ScalingBehaviorSettings> scale_up, scale_down;

  std::optional<double> kv_cache_threshold, queue_length_threshold;  // and these of wva_v1
  std::optional<double> kv_spare_trigger, queue_spare_trigger;

  std::optional<std::string> optimization_target;  // of kPlannerTargets: of dynamo_planner; null: throughput
};

}  // namespace blis
