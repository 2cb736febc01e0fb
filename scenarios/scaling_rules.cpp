#include "scenarios/scaling_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "roofline/kv_capacity.h"
#include "scenarios/choices.h"
#include "sim/fleet/autoscaler.h"

namespace blis {
namespace {

Duration duration(double seconds) {
  return to_duration(Seconds(seconds));
}

// A replica reads the checkpoint once, whatever number of GPUs it is spread over.
Duration startup_of(const ResolvedScenario& d, const AutoscalingSettings& scaling) {
  if (scaling.startup_s) return duration(*scaling.startup_s);
  const StartupSettings& startup = *scaling.startup;
  const double weights = weight_bytes_on_gpu(d.model, {}, pipeline_stages(d.model, 1).front());
  const double seconds = weights / (startup.storage_gbytes_s * 1e9) + startup.compile_s + startup.graphs_s;
  return std::max(duration(seconds), Duration{std::chrono::seconds{1}});
}

void apply(const std::optional<ScalingBehaviorSettings>& said, ScalingBehavior& behavior) {
  if (!said) return;
  if (said->stabilization_window_s) behavior.window = duration(*said->stabilization_window_s);
  if (said->period_s) behavior.period = duration(*said->period_s);
  if (!said->percent && !said->replicas) return;
  behavior.percent = said->percent;
  behavior.replicas = said->replicas;
}

MetricTarget target_of(const ScalingMetricSettings& metric) {
  const auto name = std::ranges::find(kScalingMetrics, metric.name);
  return {.metric = static_cast<ScalingMetric>(name - kScalingMetrics.begin()),
          .target = metric.value ? *metric.value : *metric.average_value,
          .per_replica = !metric.value};
}

}  // namespace

void check_scaling(ResolvedScenario& d, Complaints& complaints) {
  const auto& scaling = d.scenario.autoscaling;
  if (!scaling) return;
  const int replicas = d.scenario.replicas;
  if (scaling->min_replicas > scaling->max_replicas) {
    complaints.add("autoscaling.min_replicas",
                   {.message = "there are more replicas at least than at most",
                    .expected = fmt::format("{} at most, which is max_replicas", scaling->max_replicas),
                    .got = fmt::format("{}", scaling->min_replicas)});
  } else if (replicas < scaling->min_replicas || replicas > scaling->max_replicas) {
    complaints.add("replicas",
                   {.message = "`replicas`, of the beginning, is not within those of `autoscaling`",
                    .expected = fmt::format("from {} to {}", scaling->min_replicas, scaling->max_replicas),
                    .got = fmt::format("{}", replicas)});
  }
  if (scaling->policy == "dynamo_planner") {
    d.warnings.emplace_back(
        "dynamo_planner: replicas that are not wanted any more answer what they have; Dynamo may end them "
        "before");
  }
  if (d.scenario.router.policy == "vllm_balance") {
    complaints.add("router.policy", {.message = "the engines of one vLLM do not come and go",
                                     .expected = "another router, in front of servers"});
  }
}

std::optional<ScalingConfig> scaling_config(const ResolvedScenario& d) {
  const auto& scaling = d.scenario.autoscaling;
  if (!scaling) return std::nullopt;
  ScalingConfig config{.min_replicas = scaling->min_replicas,
                       .max_replicas = scaling->max_replicas,
                       .period = duration(scaling->sync_period_s),
                       .startup = startup_of(d, *scaling)};
  config.policy = std::ranges::find(kAutoscalers, scaling->policy, &AutoscalerPolicy::name)->name;
  for (const ScalingMetricSettings& metric : scaling->metrics)
    config.hpa.metrics.push_back(target_of(metric));
  config.hpa.tolerance = scaling->tolerance.value_or(config.hpa.tolerance);
  apply(scaling->scale_up, config.hpa.up);
  apply(scaling->scale_down, config.hpa.down);
  WvaConfig& wva = config.wva;
  wva.kv_cache_threshold = scaling->kv_cache_threshold.value_or(wva.kv_cache_threshold);
  wva.queue_length_threshold = scaling->queue_length_threshold.value_or(wva.queue_length_threshold);
  wva.kv_spare_trigger = scaling->kv_spare_trigger.value_or(wva.kv_spare_trigger);
  wva.queue_spare_trigger = scaling->queue_spare_trigger.value_or(wva.queue_spare_trigger);
  if (scaling->optimization_target == "latency") config.planner.target = PlannerTarget::latency;
  return config;
}

}  // namespace blis
