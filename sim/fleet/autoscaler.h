// Who decides how many replicas a pool has. A policy is an Autoscaler and a row.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "sim/fleet/scaling_config.h"
#include "sim/instance.h"

namespace blis {

// A replica that is ready, as an autoscaler sees it.
struct ReplicaSight {
  EngineIndex replica = 0;
  std::int64_t requests = 0;          // sent by the router and not answered
  Gauges gauges{};                    // as they stand now
  std::optional<PassMetrics> pass{};  // of its last step; none before the first one
  std::int64_t kv_tokens = 0;         // that its KV cache holds, as published; 0: unknown
};

struct PoolSight {
  Time at{};
  int replicas = 1;                     // starting or ready, at least one: what was last asked for
  std::span<const ReplicaSight> ready;  // at least one
};

class Autoscaler {
 public:
  virtual ~Autoscaler() = default;
  // How many replicas the pool is to have, within its limits. Asked once a period.
  virtual int wanted(const PoolSight& pool) = 0;
};

using MadeAutoscaler = std::unique_ptr<Autoscaler>;
// Kubernetes' HorizontalPodAutoscaler, which is also what KEDA sets up. See hpa.cpp.
MadeAutoscaler make_hpa(const ScalingConfig& config);
// llm-d's Workload Variant Autoscaler, analyzer V1. See wva.cpp.
MadeAutoscaler make_wva_v1(const ScalingConfig& config);

// Dynamo's planner, aggregated, by its thresholds of load. See dynamo_planner.cpp.
MadeAutoscaler make_dynamo_planner(const ScalingConfig& config);

struct AutoscalerPolicy {
  std::string_view name;
  MadeAutoscaler (*make)(const ScalingConfig& config);
};
inline constexpr std::array kAutoscalers{
    AutoscalerPolicy{"hpa", make_hpa},
    AutoscalerPolicy{"wva_v1", make_wva_v1},
    AutoscalerPolicy{"dynamo_planner", make_dynamo_planner},
};

// The autoscaler that the configuration names.
MadeAutoscaler make_autoscaler(const ScalingConfig& config);

}  // namespace blis
