// Saturation detectors as filters: they leave out replicas that have too much to do, if some have not.
// Source: llm-d-router, pkg/epp/framework/plugins/flowcontrol/saturationdetector/{utilization,concurrency}.
#include <algorithm>

#include "sim/fleet/epp/plugin.h"

namespace blis {
namespace {

void keep(Candidates& candidates, Candidates& kept) {
  if (!kept.empty()) candidates.swap(kept);
}

class UtilizationFilter final : public Filter {
 public:
  explicit UtilizationFilter(const PluginSetting& setting)
      : queue_((1 + setting.values[2]) * setting.values[0]),
        kv_((1 + setting.values[2]) * setting.values[1]) {}

  void filter(const Cycle& cycle, Candidates& candidates) override {
    kept_.clear();
    for (const std::size_t replica : candidates) {
      const Gauges& seen = cycle.call.loads[replica].scraped;
      if (seen.waiting <= queue_ && seen.kv_usage <= kv_) kept_.push_back(replica);
    }
    keep(candidates, kept_);
  }

 private:
  double queue_, kv_;
  Candidates kept_;
};

class ConcurrencyFilter final : public Filter {
 public:
  explicit ConcurrencyFilter(const PluginSetting& setting)
      : most_((1 + setting.values[1]) * setting.values[0]) {}

  void filter(const Cycle& cycle, Candidates& candidates) override {
    kept_.clear();
    for (const std::size_t replica : candidates) {
      if (static_cast<double>(cycle.call.loads[replica].requests) <= most_) kept_.push_back(replica);
    }
    keep(candidates, kept_);
  }

 private:
  double most_;
  Candidates kept_;
};

}  // namespace

std::vector<PluginType> detector_filters() {
  using enum PolicyParameter::Kind;
  return {{.type = "utilization-detector",
           .parameters = {{.name = "queueDepthThreshold", .standard = 5, .kind = integer},
                          {.name = "kvCacheUtilThreshold", .standard = 0.8, .high = 1},
                          {.name = "headroom", .standard = 0}},
           .needs = {.metrics = true},
           .filter = new_filter<UtilizationFilter>},
          {.type = "concurrency-detector",
           .parameters = {{.name = "maxConcurrency", .standard = 100, .low = 1, .kind = integer},
                          {.name = "headroom", .standard = 0}},
           .needs = {.loads = true},
           .filter = new_filter<ConcurrencyFilter>}};
}

}  // namespace blis
