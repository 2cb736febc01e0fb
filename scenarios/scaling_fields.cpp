// The keys of `autoscaling`.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/choices.h"
#include "scenarios/scenario_fields.h"

namespace blis {
namespace {

constexpr Range<double> kUpToADay{.low = 0, .high = 86'400};
// load_adjustment_interval of Dynamo's planner, where nobody says.
constexpr double kPlannerPeriodS = 5;
constexpr Range<double> kTarget{.low = 0, .high = 1e9, .low_open = true};

void describe(Fields& f, ScalingMetricSettings& metric) {
  f.required_text("name", metric.name, kScalingMetrics);
  f.number("average_value", metric.average_value, kTarget, Need::rare);
  f.number("value", metric.value, kTarget, Need::rare);
  f.check(metric.average_value.has_value() != metric.value.has_value(), "name",
          {.message =
               fmt::format("the metric `{}` has {}", metric.name, metric.value ? "two targets" : "no target"),
           .expected = "average_value, for each replica, or value, of all together"});
  const double target = metric.value ? *metric.value : metric.average_value.value_or(1);
  f.check(metric.name != "kv_cache_usage_perc" || target <= 1, metric.value ? "value" : "average_value",
          {.message = "a share of the KV cache is at most 1",
           .expected = "0.8, say",
           .got = fmt::format("{}", target)});
}

void describe(Fields& f, ScalingBehaviorSettings& behavior) {
  f.number("stabilization_window_s", behavior.stabilization_window_s, {.low = 0, .high = 3600}, Need::rare);
  f.number("percent", behavior.percent, kTarget, Need::rare);
  f.integer("replicas", behavior.replicas, {1, 10'000}, Need::rare);
  f.number("period_s", behavior.period_s, {.low = 1, .high = 1800}, Need::rare);
}

void describe_hpa(Fields& f, AutoscalingSettings& scaling) {
  f.list("metrics", scaling.metrics, [&](ScalingMetricSettings& metric) { describe(f, metric); });
  f.check(!scaling.metrics.empty(), f.has("metrics") ? "metrics" : "policy",
          {.message = "the autoscaler `hpa` looks at no metric",
           .expected = "metrics: [{ name: running_requests, average_value: 40 }]"});
  f.number("tolerance", scaling.tolerance, kShare, Need::rare);
  const auto behavior = [&](ScalingBehaviorSettings& limits) { describe(f, limits); };
  f.section("scale_up", scaling.scale_up, behavior);
  f.section("scale_down", scaling.scale_down, behavior);
}

void describe_wva(Fields& f, AutoscalingSettings& scaling) {
  f.number("kv_cache_threshold", scaling.kv_cache_threshold, kPositiveShare, Need::rare);
  f.number("queue_length_threshold", scaling.queue_length_threshold, kTarget, Need::rare);
  f.number("kv_spare_trigger", scaling.kv_spare_trigger, kShare, Need::rare);
  f.number("queue_spare_trigger", scaling.queue_spare_trigger, {.low = 0, .high = 1e9}, Need::rare);
}

}  // namespace

void describe(Fields& f, AutoscalingSettings& scaling) {
  f.text("policy", scaling.policy, autoscaler_names());
  f.integer("min_replicas", scaling.min_replicas, {1, 10'000});
  f.required_integer("max_replicas", scaling.max_replicas, {1, 10'000});
  if (f.reading() && scaling.policy == "dynamo_planner") scaling.sync_period_s = kPlannerPeriodS;
  f.number("sync_period_s", scaling.sync_period_s, {.low = 1, .high = 3600});
  f.number("startup_s", scaling.startup_s, {.low = 1, .high = 86'400}, Need::rare);
  f.section("startup", scaling.startup, [&](StartupSettings& startup) {
    f.required_number("storage_gbytes_s", startup.storage_gbytes_s, {.low = 1e-3, .high = 1e6});
    f.required_number("compile_s", startup.compile_s, kUpToADay);
    f.required_number("graphs_s", startup.graphs_s, kUpToADay);
  });
  f.check(scaling.startup_s.has_value() != scaling.startup.has_value(), "max_replicas",
          {.message = scaling.startup ? "`startup_s` and `startup` say the same"
                                      : "nobody says how long a replica takes to start",
           .expected = "startup_s: 120, or startup: { storage_gbytes_s: 2, compile_s: 40, graphs_s: 20 }"});
  if (scaling.policy == "hpa") {
    describe_hpa(f, scaling);
  } else if (scaling.policy == "wva_v1") {
    describe_wva(f, scaling);
  } else if (scaling.policy == "dynamo_planner") {
    f.text("optimization_target", scaling.optimization_target, kPlannerTargets, Need::rare);
  } else {
    f.skip_rest();
  }
}

}  // namespace blis
