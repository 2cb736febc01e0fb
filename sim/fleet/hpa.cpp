// Kubernetes' HorizontalPodAutoscaler (autoscaling/v2): replicas in proportion to metrics, changes held back
// by windows and limits. Source: kubernetes/kubernetes, pkg/controller/podautoscaler/horizontal.go and
// replica_calculator.go. Metrics are external ones, as Prometheus adapters and KEDA serve them: of ready
// replicas, a Value is taken per ready replica and an AverageValue for all that are asked for.
#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/fleet/autoscaler.h"

namespace blis {
namespace {

double of(const ReplicaSight& replica, ScalingMetric metric) {
  switch (metric) {
    case ScalingMetric::running_requests:
      return static_cast<double>(replica.requests);
    case ScalingMetric::num_requests_running:
      return replica.gauges.running;
    case ScalingMetric::num_requests_waiting:
      return replica.gauges.waiting;
    case ScalingMetric::kv_cache_usage_perc:
      break;
  }
  return replica.gauges.kv_usage;
}

class HorizontalPodAutoscaler final : public Autoscaler {
 public:
  explicit HorizontalPodAutoscaler(const ScalingConfig& config)
      : hpa_(config.hpa), least_(config.min_replicas), most_(config.max_replicas) {}

  int wanted(const PoolSight& pool) override {
    if (recommended_.empty()) recommended_.push_back({pool.at, pool.replicas});
    int proposed = 0;
    for (const MetricTarget& target : hpa_.metrics) proposed = std::max(proposed, propose(target, pool));
    const int wanted = limit(stabilize(proposed, pool), pool);
    if (wanted != pool.replicas) changes_.push_back({pool.at, wanted - pool.replicas});
    return wanted;
  }

 private:
  // A recommendation, or a change of the number of replicas.
  struct Note {
    Time at;
    int replicas;
  };

  int propose(const MetricTarget& target, const PoolSight& pool) const {
    double sum = 0;
    for (const ReplicaSight& replica : pool.ready) sum += of(replica, target.metric);
    const auto ready = static_cast<double>(pool.ready.size());
    const bool is_share = target.metric == ScalingMetric::kv_cache_usage_perc;
    const double ratio = target.per_replica ? sum / (target.target * pool.replicas)
                                            : (is_share ? sum / ready : sum) / target.target;
    if (std::abs(ratio - 1) <= hpa_.tolerance) return pool.replicas;
    const double replicas = std::ceil(target.per_replica ? sum / target.target : ratio * ready);
    return static_cast<int>(std::min(replicas, static_cast<double>(std::numeric_limits<int>::max())));
  }

  // Up to the least that was recommended in one window, down to the most in the other.
  int stabilize(int proposed, const PoolSight& pool) {
    int least = proposed, most = proposed;
    for (const Note& note : recommended_) {
      if (note.at > pool.at - hpa_.up.window) least = std::min(least, note.replicas);
      if (note.at > pool.at - hpa_.down.window) most = std::max(most, note.replicas);
    }
    const Duration longest = std::max(hpa_.up.window, hpa_.down.window);
    std::erase_if(recommended_, [&](const Note& note) { return note.at < pool.at - longest; });
    recommended_.push_back({pool.at, proposed});
    return std::min(std::max(pool.replicas, least), most);
  }

  int limit(int wanted, const PoolSight& pool) {
    const Duration longest = std::max(hpa_.up.period, hpa_.down.period);
    std::erase_if(changes_, [&](const Note& note) { return note.at < pool.at - longest; });
    if (wanted > pool.replicas) {
      const ScalingBehavior& up = hpa_.up;
      const int before = before_the(up.period, pool);
      double most = 0;
      if (up.replicas) most = std::max(most, static_cast<double>(before + *up.replicas));
      if (up.percent) most = std::max(most, std::ceil(before * (1 + *up.percent / 100)));
      return std::min({wanted, most_, std::max(pool.replicas, capped(most))});
    }
    if (wanted < pool.replicas) {
      const ScalingBehavior& down = hpa_.down;
      const int before = before_the(down.period, pool);
      double least = before;
      if (down.replicas) least = std::min(least, static_cast<double>(before - *down.replicas));
      if (down.percent) least = std::min(least, std::trunc(before * (1 - *down.percent / 100)));
      return std::max({wanted, least_, std::min(pool.replicas, capped(least))});
    }
    return wanted;
  }

  // Replicas at the beginning of the period that ends now.
  int before_the(Duration period, const PoolSight& pool) const {
    int replicas = pool.replicas;
    for (const Note& note : changes_) {
      if (note.at > pool.at - period) replicas -= note.replicas;
    }
    return replicas;
  }

  static int capped(double replicas) { return static_cast<int>(std::clamp(replicas, 0.0, 1e9)); }

  const HpaConfig hpa_;
  const int least_, most_;
  std::vector<Note> recommended_, changes_;  // in the windows, and in the periods
};

}  // namespace

MadeAutoscaler make_hpa(const ScalingConfig& config) {
  return std::make_unique<HorizontalPodAutoscaler>(config);
}

}  // namespace blis
