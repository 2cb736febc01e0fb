// Dynamo's planner for aggregated workers, by load, with the thresholds that it has where nobody gives it
// targets for latencies: one worker more where any has more tokens than its threshold, one less where all
// have fewer. Source: ai-dynamo/dynamo, components/src/dynamo/planner/core/load_scaling.py at 0c6da1e, and
// vllm/instrumented_scheduler.py for what workers tell of a step.
#include <algorithm>

#include "sim/fleet/autoscaler.h"

namespace blis {
namespace {

// Tokens in decode and in the queue, as a share of those that the KV cache holds.
struct Thresholds {
  double up, down;
};
constexpr Thresholds kForThroughput{1.0, 0.6}, kForLatency{0.4, 0.1};

class DynamoPlanner final : public Autoscaler {
 public:
  explicit DynamoPlanner(const ScalingConfig& config)
      : thresholds_(config.planner.target == PlannerTarget::latency ? kForLatency : kForThroughput),
        least_(config.min_replicas),
        most_(config.max_replicas) {}

  int wanted(const PoolSight& pool) override {
    if (std::ssize(pool.ready) != pool.replicas) return pool.replicas;  // what it asked for is under way
    // It decides nothing before every worker has told of a step.
    const auto silent = [](const ReplicaSight& replica) { return !replica.pass || replica.kv_tokens <= 0; };
    if (std::ranges::any_of(pool.ready, silent)) return pool.replicas;
    const auto full = [&](const ReplicaSight& replica) { return use_of(replica) > thresholds_.up; };
    const auto idle = [&](const ReplicaSight& replica) { return use_of(replica) < thresholds_.down; };
    if (std::ranges::any_of(pool.ready, full)) return std::min(pool.replicas + 1, most_);
    return std::ranges::all_of(pool.ready, idle) ? std::max(pool.replicas - 1, least_) : pool.replicas;
  }

 private:
  static double use_of(const ReplicaSight& replica) {
    const std::int64_t tokens = replica.pass->decode_kv_tokens + replica.pass->queued_tokens;
    return static_cast<double>(tokens) / static_cast<double>(replica.kv_tokens);
  }

  const Thresholds thresholds_;
  const int least_, most_;
};

}  // namespace

MadeAutoscaler make_dynamo_planner(const ScalingConfig& config) {
  return std::make_unique<DynamoPlanner>(config);
}

}  // namespace blis
