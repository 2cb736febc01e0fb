// How much of a prompt a producer thinks a replica has cached.
// Source: llm-d-router, pkg/epp/framework/plugins/scheduling/scorer/prefix.
#include <algorithm>

#include "sim/fleet/epp/plugin.h"

namespace blis {
namespace {

class PrefixCacheScorer final : public Scorer {
 public:
  explicit PrefixCacheScorer(const PluginSetting& setting)
      : length_weight_(setting.values[0]), length_scale_(setting.values[1]), producer_(setting.producer) {}

  void score(const Cycle& cycle, std::span<const std::size_t> candidates, std::span<double> scores) override {
    const PrefixMatches& found = cycle.matches[producer_];
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const std::int32_t blocks = found.blocks[candidates[i]];
      const double share = found.total == 0 ? 0 : static_cast<double>(blocks) / found.total;
      const double length = std::min(1.0, static_cast<double>(blocks) * found.block_tokens / length_scale_);
      scores[i] = length_weight_ * length * length + (1 - length_weight_) * share;
    }
  }

 private:
  double length_weight_, length_scale_;
  std::size_t producer_;
};

}  // namespace

PluginType prefix_cache_scorer() {
  return {.type = "prefix-cache-scorer",
          .parameters = {{.name = "matchLengthWeight", .standard = 0, .high = 1},
                         {.name = "matchLengthScaleTokens",
                          .standard = 8192,
                          .low = 1,
                          .kind = PolicyParameter::Kind::integer}},
          .needs = {.matches = true},
          .scorer = new_scorer<PrefixCacheScorer>};
}

}  // namespace blis
