// Scorers of what replicas publish of themselves, as it was at the last scrape.
// Source: llm-d-router, pkg/epp/framework/plugins/scheduling/scorer.
#include <algorithm>

#include "sim/fleet/epp/plugin.h"

namespace blis {
namespace {

// The fewest of something score 1, the most 0, and all 1 if they are equal.
template <std::int32_t Gauges::*gauge>
class FewestScorer final : public Scorer {
 public:
  explicit FewestScorer(const PluginSetting&) {}
  void score(const Cycle& cycle, std::span<const std::size_t> candidates, std::span<double> scores) override {
    const auto of = [&](std::size_t replica) { return cycle.call.loads[replica].scraped.*gauge; };
    const auto [least, most] = std::ranges::minmax(candidates, {}, of);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      scores[i] = of(most) == of(least)
                      ? 1.0
                      : static_cast<double>(of(most) - of(candidates[i])) / (of(most) - of(least));
    }
  }
};

class FreeKvScorer final : public Scorer {
 public:
  explicit FreeKvScorer(const PluginSetting&) {}
  void score(const Cycle& cycle, std::span<const std::size_t> candidates, std::span<double> scores) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      scores[i] = 1 - cycle.call.loads[candidates[i]].scraped.kv_usage;
    }
  }
};

class ShortQueueScorer final : public Scorer {
 public:
  explicit ShortQueueScorer(const PluginSetting& setting) : threshold_(setting.values[0]) {}
  void score(const Cycle& cycle, std::span<const std::size_t> candidates, std::span<double> scores) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const double waiting = cycle.call.loads[candidates[i]].scraped.waiting;
      scores[i] = 0.5 * (1 - std::min(waiting, threshold_) / threshold_);
    }
  }

 private:
  double threshold_;
};

}  // namespace

std::vector<PluginType> metric_scorers() {
  const PluginNeeds metrics{.metrics = true};
  return {
      {.type = "queue-scorer", .needs = metrics, .scorer = new_scorer<FewestScorer<&Gauges::waiting>>},
      {.type = "running-requests-size-scorer",
       .needs = metrics,
       .scorer = new_scorer<FewestScorer<&Gauges::running>>},
      {.type = "kv-cache-utilization-scorer", .needs = metrics, .scorer = new_scorer<FreeKvScorer>},
      {.type = "load-aware-scorer",
       .parameters =
           {{.name = "threshold", .standard = 128, .low = 1, .kind = PolicyParameter::Kind::integer}},
       .needs = metrics,
       .scorer = new_scorer<ShortQueueScorer>},
  };
}

}  // namespace blis
