// Saturation detectors as filters: they leave out replicas that have too much to do.
// Source: llm-d-router, pkg/epp/framework/plugins/flowcontrol/saturationdetector/{utilization,concurrency}.
#include <algorithm>

#include "sim/fleet/epp/plugin.h"

namespace blis {
namespace {

class UtilizationFilter final : public Filter {
 public:
  explicit UtilizationFilter(const PluginSetting& setting)
      : queue_((1 + setting.values[2]) * setting.values[0]),
        kv_((1 + setting.values[2]) * setting.values[1]),
        stale_(to_duration(Seconds(setting.values[3]))) {}

  void filter(const Cycle& cycle, Candidates& candidates) override {
    kept_.clear();
    for (const std::size_t replica : candidates) {
      const ReplicaLoad& load = cycle.call.loads[replica];
      const bool stale = load.scraped_at != kUnset && cycle.call.at - load.scraped_at > stale_;
      const Gauges& seen = load.scraped;
      if (!stale && seen.waiting < queue_ && seen.kv_usage < kv_) kept_.push_back(replica);
    }
    if (!kept_.empty()) candidates.swap(kept_);  // all are busy: any may be chosen
  }

 private:
  double queue_, kv_;
  Duration stale_;
  Candidates kept_;
};

class ConcurrencyFilter final : public Filter {
 public:
  explicit ConcurrencyFilter(const PluginSetting& setting)
      : limit_(static_cast<std::int64_t>((1 + setting.values[1]) * setting.values[0])) {}

  void filter(const Cycle& cycle, Candidates& candidates) override {
    kept_.clear();
    for (const std::size_t replica : candidates) {
      if (cycle.call.loads[replica].requests < limit_) kept_.push_back(replica);
    }
    candidates.swap(kept_);  // all are busy: none may
  }

 private:
  std::int64_t limit_;
  Candidates kept_;
};

}  // namespace

std::vector<PluginType> detector_filters() {
  using enum PolicyParameter::Kind;
  return {
      {.type = "utilization-detector",
       .parameters = {{.name = "queueDepthThreshold", .standard = 5, .low = 1, .kind = integer},
                      {.name = "kvCacheUtilThreshold", .standard = 0.8, .low = 1e-9, .high = 1},
                      {.name = "headroom", .standard = 0},
                      {.name = "metricsStalenessThreshold", .standard = 0.2, .low = 1e-9, .kind = duration}},
       .needs = {.metrics = true},
       .filter = new_filter<UtilizationFilter>},
      {.type = "concurrency-detector",
       .parameters = {{.name = "maxConcurrency", .standard = 100, .low = 1, .kind = integer},
                      {.name = "headroom", .standard = 0}},
       .needs = {.loads = true},
       .filter = new_filter<ConcurrencyFilter>}};
}

}  // namespace blis
