// The turns of a session stay where its first one went.
// Source: llm-d-router, pkg/epp/framework/plugins/scheduling/scorer/sessionaffinity: the replica that the
// session's header names scores 1, all others 0; without a session all score 0.
#include <unordered_map>

#include "sim/fleet/epp/plugin.h"

namespace blis {
namespace {

class SessionAffinityScorer final : public Scorer {
 public:
  explicit SessionAffinityScorer(const PluginSetting&) {}

  void score(const Cycle& cycle, std::span<const std::size_t> candidates, std::span<double> scores) override {
    session_ = cycle.call.request.session;
    const auto home = session_ == 0 ? homes_.end() : homes_.find(session_);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      scores[i] = home != homes_.end() && home->second == candidates[i] ? 1 : 0;
    }
  }

  void chosen(std::size_t replica) override {
    if (session_ != 0) homes_[session_] = replica;
  }

  void left(std::size_t replica) override {
    std::erase_if(homes_, [replica](const auto& home) { return home.second == replica; });
  }

 private:
  std::uint64_t session_ = 0;  // of the request last scored
  std::unordered_map<std::uint64_t, std::size_t> homes_;
};

}  // namespace

PluginType session_affinity_scorer() {
  return {.type = "session-affinity-scorer", .scorer = new_scorer<SessionAffinityScorer>};
}

}  // namespace blis
