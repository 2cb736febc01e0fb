// Spreads prompts that nobody has cached: to the replica that got such a one least recently.
// Source: llm-d-router, pkg/epp/framework/plugins/scheduling/scorer/nohitlru.
#include <algorithm>

#include "sim/fleet/epp/plugin.h"

namespace blis {
namespace {

class NoHitLruScorer final : public Scorer {
 public:
  explicit NoHitLruScorer(const PluginSetting& setting)
      : size_(static_cast<std::size_t>(setting.values[0])), producer_(setting.producer) {}

  void score(const Cycle& cycle, std::span<const std::size_t> candidates, std::span<double> scores) override {
    const std::vector<std::int32_t>& blocks = cycle.matches[producer_].blocks;
    cold_ = std::ranges::none_of(candidates, [&](std::size_t replica) { return blocks[replica] > 0; });
    if (!cold_ || candidates.size() == 1) {
      std::ranges::fill(scores, cold_ ? 1.0 : 0.5);
      return;
    }
    const auto unused = static_cast<std::size_t>(
        std::ranges::count_if(candidates, [&](std::size_t replica) { return age(replica) == used_.size(); }));
    std::size_t rank_unused = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const std::size_t place = age(candidates[i]);
      const std::size_t rank = place == used_.size() ? rank_unused++ : unused + place;
      scores[i] = 1 - static_cast<double>(rank) / static_cast<double>(candidates.size() - 1);
    }
  }

  void chosen(std::size_t replica) override {
    if (!cold_) return;
    std::erase(used_, replica);
    used_.push_back(replica);
    if (used_.size() > size_) used_.erase(used_.begin());
  }

  void left(std::size_t replica) override { std::erase(used_, replica); }

 private:
  // Its place among the used ones, the least recent first; their number if it is none.
  std::size_t age(std::size_t replica) const {
    return static_cast<std::size_t>(std::ranges::find(used_, replica) - used_.begin());
  }

  std::size_t size_;
  std::size_t producer_;
  bool cold_ = false;              // the request last scored
  std::vector<std::size_t> used_;  // for cold requests, the least recent first
};

}  // namespace

PluginType no_hit_lru_scorer() {
  return {
      .type = "no-hit-lru-scorer",
      .parameters = {{.name = "lruSize", .standard = 1024, .low = 1, .kind = PolicyParameter::Kind::integer}},
      .needs = {.matches = true},
      .scorer = new_scorer<NoHitLruScorer>};
}

}  // namespace blis
