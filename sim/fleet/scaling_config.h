// How the number of a pool's replicas follows its load, as a value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/units.h"

namespace blis {

// What an autoscaler can look at, of the replicas that are ready.
enum class ScalingMetric : std::uint8_t {
  running_requests,      // sent by the router and not answered, as llm-d's picker counts them
  num_requests_running,  // these three as vLLM publishes them
  num_requests_waiting,
  kv_cache_usage_perc,
};

// Counts are of all ready replicas together, shares are their mean, and `per_replica` is the value that each
// replica is to have.
struct MetricTarget {
  ScalingMetric metric = ScalingMetric::running_requests;
  double target = 1;  // > 0
  bool per_replica = true;
};

// Of Kubernetes' HorizontalPodAutoscaler, in one direction: the most of what the two limits allow.
struct ScalingBehavior {
  Duration window{0};               // stabilizationWindowSeconds
  std::optional<double> percent{};  // that may be added or removed in a period
  std::optional<int> replicas{};    // likewise
  Duration period = std::chrono::seconds{15};
};

struct HpaConfig {
  std::vector<MetricTarget> metrics;  // the most that any of them asks for
  double tolerance = 0.1;
  ScalingBehavior up{.percent = 100, .replicas = 4};
  ScalingBehavior down{.window = std::chrono::seconds{300}, .percent = 100};
};

// Of llm-d's Workload Variant Autoscaler, analyzer V1.
struct WvaConfig {
  double kv_cache_threshold = 0.8;  // a replica is saturated from here on,
  double queue_length_threshold = 5;
  double kv_spare_trigger = 0.1;  // and one more is wanted if others have less than this to spare
  double queue_spare_trigger = 3;
};

// Of Dynamo's planner: which of its sets of thresholds (optimization_target).
enum class PlannerTarget : std::uint8_t { throughput, latency };
struct PlannerConfig {
  PlannerTarget target = PlannerTarget::throughput;
};

struct ScalingConfig {
  std::string_view policy = "hpa";  // a row of kAutoscalers
  int min_replicas = 1, max_replicas = 1;
  Duration period = std::chrono::seconds{15};  // between two decisions, the first one after one of them
  Duration startup{0};                         // of a replica, until it can be sent requests
  HpaConfig hpa{};
  WvaConfig wva{};
  PlannerConfig planner{};
};

}  // namespace blis
