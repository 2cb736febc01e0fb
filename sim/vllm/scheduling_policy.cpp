#include "sim/vllm/scheduling_policy.h"

#include <algorithm>
#include <cassert>

namespace blis {
namespace {

class FirstComeFirstServed final : public SchedulingPolicy {};

class ByPriority final : public SchedulingPolicy {
 public:
  bool has_ranks() const override { return true; }
  Rank rank(const KnownRequest& r) override { return {r.priority, since_start(r.arrival).count()}; }

  std::size_t victim(const RunningRequests& running) override {
    std::size_t highest = 0;
    Rank rank = running[0].rank;
    for (std::size_t i = 1; i < running.size(); ++i) {
      if (const Rank other = running[i].rank; other > rank) highest = i, rank = other;
    }
    return highest;
  }
};

}  // namespace

void SchedulingPolicy::share(std::span<Share> running, int budget) {
  for (Share& share : running) {
    share.tokens = std::min(share.wanted, budget);
    budget -= share.tokens;
  }
}

std::unique_ptr<SchedulingPolicy> make_fcfs() {
  return std::make_unique<FirstComeFirstServed>();
}
std::unique_ptr<SchedulingPolicy> make_priority() {
  return std::make_unique<ByPriority>();
}

std::unique_ptr<SchedulingPolicy> make_policy(std::string_view name) {
  const auto row = std::ranges::find(kSchedulingPolicies, name, &PolicyRow::name);
  assert(row != kSchedulingPolicies.end() && "the scenario reader checks names");
  return row->make();
}

}  // namespace blis
