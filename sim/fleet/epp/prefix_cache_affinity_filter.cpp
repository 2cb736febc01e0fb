// Keeps the replicas that are thought to have most of a prompt, unless waiting there costs too much.
// Source: llm-d-router, pkg/epp/framework/plugins/scheduling/filter/prefixcacheaffinity.
#include <algorithm>

#include "sim/fleet/epp/plugin.h"

namespace blis {
namespace {

enum Parameter { threshold, exploration, max_penalty_ms, tokens_per_second };

class PrefixCacheAffinityFilter final : public Filter {
 public:
  explicit PrefixCacheAffinityFilter(const PluginSetting& setting)
      : values_(setting.values), producer_(setting.producer) {}

  void filter(const Cycle& cycle, Candidates& candidates) override {
    if (candidates.size() <= 1 || values_[threshold] <= 0) return;
    if (values_[exploration] > 0 &&
        static_cast<double>(cycle.random() >> 11) * 0x1p-53 < values_[exploration]) {
      return;
    }
    const PrefixMatches& found = cycle.matches[producer_];
    const auto sticky = [&](std::size_t replica) {
      return found.total > 0 &&
             static_cast<double>(found.blocks[replica]) / found.total >= values_[threshold];
    };
    const auto tokens = [&](std::size_t replica) { return cycle.uncached[replica]; };
    kept_.clear(), others_.clear();
    for (const std::size_t replica : candidates) (sticky(replica) ? kept_ : others_).push_back(replica);
    if (kept_.empty()) return;
    if (values_[max_penalty_ms] > 0 && !others_.empty()) {
      const auto least = [&](const Candidates& of) {
        return static_cast<double>(tokens(*std::ranges::min_element(of, {}, tokens)));
      };
      const double penalty_ms = (least(kept_) - least(others_)) / values_[tokens_per_second] * 1000;
      if (penalty_ms > values_[max_penalty_ms]) return;
    }
    candidates.swap(kept_);
  }

 private:
  std::array<double, kPolicyParameters> values_;
  std::size_t producer_;
  Candidates kept_, others_;
};

}  // namespace

PluginType prefix_cache_affinity_filter() {
  return {.type = "prefix-cache-affinity-filter",
          .parameters = {{.name = "affinityThreshold", .standard = 0.8, .high = 1},
                         {.name = "explorationProbability", .standard = 0, .high = 1},
                         {.name = "maxTTFTPenaltyMs", .standard = 18'000},
                         {.name = "peakPrefillThroughput", .standard = 15'928, .low = 1}},
          .needs = {.matches = true, .uncached = true},
          .filter = new_filter<PrefixCacheAffinityFilter>};
}

}  // namespace blis
