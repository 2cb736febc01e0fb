// Scorers of what the picker counts itself: requests and tokens that it sent and that are not answered.
// Source: llm-d-router, pkg/epp/framework/plugins/scheduling/scorer/{activerequest,tokenload}.
#include <algorithm>

#include "sim/fleet/epp/plugin.h"

namespace blis {
namespace {

class ActiveRequestScorer final : public Scorer {
 public:
  explicit ActiveRequestScorer(const PluginSetting& setting)
      : idle_(setting.values[0]), max_busy_score_(setting.values[1]) {}

  void score(const Cycle& cycle, std::span<const std::size_t> candidates, std::span<double> scores) override {
    const auto of = [&](std::size_t replica) {
      return static_cast<double>(cycle.call.loads[replica].requests);
    };
    const double most = of(*std::ranges::max_element(candidates, {}, of));
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const double count = of(candidates[i]);
      scores[i] = count <= idle_ ? 1.0 : (most - count) / most * max_busy_score_;
    }
  }

 private:
  double idle_, max_busy_score_;
};

class TokenLoadScorer final : public Scorer {
 public:
  explicit TokenLoadScorer(const PluginSetting& setting)
      : queue_tokens_(setting.values[0]), producer_(setting.producer) {}

  void score(const Cycle& cycle, std::span<const std::size_t> candidates, std::span<double> scores) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const std::size_t replica = candidates[i];
      const auto tokens =
          static_cast<double>(cycle.uncached[replica] + uncached_tokens(cycle.matches[producer_], replica,
                                                                        cycle.call.request.prompt_tokens));
      scores[i] = tokens <= 0 ? 1.0 : 1 - std::min(tokens, queue_tokens_) / queue_tokens_;
    }
  }

 private:
  double queue_tokens_;
  std::size_t producer_;
};

}  // namespace

std::vector<PluginType> load_scorers() {
  using enum PolicyParameter::Kind;
  return {
      {.type = "active-request-scorer",
       .parameters = {{.name = "idleThreshold", .standard = 0, .kind = integer},
                      {.name = "maxBusyScore", .standard = 1, .high = 1}},
       .needs = {.loads = true},
       .scorer = new_scorer<ActiveRequestScorer>},
      {.type = "token-load-scorer",
       .parameters = {{.name = "queueThresholdTokens", .standard = 4'194'304, .low = 1, .kind = integer}},
       .needs = {.matches = true, .uncached = true},
       .scorer = new_scorer<TokenLoadScorer>},
  };
}

}  // namespace blis
