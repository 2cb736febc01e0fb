#include "tools/report/scaling.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/utf8.h"

namespace blis {
namespace {

// Nothing where there is but one pool.
std::string pool_name(const RunReport& report, const ScaledPoolUse& pool) {
  return report.pools.empty() ? std::string() : pool.name;
}

// Of a run that was long, no more changes than a picture shows.
constexpr std::size_t kChangesWritten = 5000;

}  // namespace

void write_autoscaling(JsonWriter& json, const RunReport& report) {
  const FleetUse& use = report.use;
  if (use.scaled.empty()) return;
  json.key("autoscaling").begin_object().member("gpu_hours", use.gpu_hours).member("mean_gpus", use.gpus);
  json.key("pools").begin_list();
  for (const ScaledPoolUse& pool : use.scaled) {
    json.begin_object();
    if (const std::string name = pool_name(report, pool); !name.empty()) json.member("pool", name);
    json.member("mean_replicas", pool.mean).member("least_replicas", std::int64_t{pool.least});
    json.member("most_replicas", std::int64_t{pool.most}).member("scale_ups", std::int64_t{pool.ups});
    json.member("scale_downs", std::int64_t{pool.downs}).end_object();
  }
  json.end_list().end_object();
}

void write_scaling_series(JsonWriter& json, const RunReport& report) {
  const std::vector<PoolScaling>& pools = report.run.scaling;
  if (pools.empty()) return;
  json.key("scaling").begin_list();
  for (std::size_t i = 0; i < pools.size(); ++i) {
    const std::span<const ReplicaCount> all = pools[i].counts;
    const auto counts = all.first(std::min(all.size(), kChangesWritten));
    json.begin_object();
    if (const std::string name = pool_name(report, report.use.scaled[i]); !name.empty()) {
      json.member("pool", name);
    }
    json.member("changes", static_cast<std::int64_t>(all.size()) - 1);
    json.key("at_s").begin_list(true);
    for (const ReplicaCount& count : counts) json.value(Seconds(since_start(count.at)).count());
    json.end_list();
    const auto list = [&](std::string_view name, std::int32_t ReplicaCount::*field) {
      json.key(name).begin_list(true);
      for (const ReplicaCount& count : counts) json.value(std::int64_t{count.*field});
      json.end_list();
    };
    list("starting", &ReplicaCount::starting);
    list("ready", &ReplicaCount::ready);
    list("draining", &ReplicaCount::draining);
    json.end_object();
  }
  json.end_list();
}

std::vector<std::pair<std::string, std::string>> autoscaling_lines(const RunReport& report) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const ScaledPoolUse& pool : report.use.scaled) {
    const std::string name = pool_name(report, pool);
    const std::string of = name.empty() ? name : printable(name) + ", ";
    lines.emplace_back(fmt::format("Replicas ({}mean, least to most):", of),
                       fmt::format("{:.2f}, {} to {}", pool.mean, pool.least, pool.most));
    lines.emplace_back(fmt::format("Decisions ({}up / down):", of),
                       fmt::format("{} / {}", pool.ups, pool.downs));
  }
  if (!lines.empty()) lines.emplace_back("GPU-hours:", fmt::format("{:.4g}", report.use.gpu_hours));
  return lines;
}

}  // namespace blis
