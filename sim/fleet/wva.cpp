// llm-d's Workload Variant Autoscaler with its analyzer V1: one replica more when those that are not
// saturated have little to spare, one less when the others could take its load. Source: llm-d's
// workload-variant-autoscaler, docs/saturation-analyzer.md and
// docs/developer-guide/saturation-scaling-config.md. It reads the most of a minute (max_over_time[1m]), of
// which it sees here what each of its looks saw.
#include <algorithm>
#include <chrono>

#include "sim/fleet/autoscaler.h"

namespace blis {
namespace {

constexpr Duration kRemembered = std::chrono::minutes{1};

class WvaV1 final : public Autoscaler {
 public:
  explicit WvaV1(const ScalingConfig& config)
      : wva_(config.wva), least_(config.min_replicas), most_(config.max_replicas) {}

  int wanted(const PoolSight& pool) override {
    remember(pool);
    if (std::ssize(pool.ready) != pool.replicas) return pool.replicas;  // what it asked for is under way
    int others = 0;                                                     // that are not saturated
    double kv = 0, queue = 0;
    for (const ReplicaSight& replica : pool.ready) {
      const Peak peak = peak_of(replica.replica);
      if (peak.kv >= wva_.kv_cache_threshold || peak.queue >= wva_.queue_length_threshold) continue;
      ++others;
      kv += peak.kv;
      queue += peak.queue;
    }
    if (others == 0 || short_of_spare(kv, queue, others)) return std::min(pool.replicas + 1, most_);
    const bool one_less = others >= 2 && !short_of_spare(kv, queue, others - 1);
    return one_less ? std::max(pool.replicas - 1, least_) : pool.replicas;
  }

 private:
  struct Peak {
    double kv = 0, queue = 0;
  };
  struct Seen {
    Time at;
    EngineIndex replica;
    Gauges gauges;
  };

  // Whether this load leaves `replicas` less to spare than it takes.
  bool short_of_spare(double kv, double queue, int replicas) const {
    return wva_.kv_cache_threshold - kv / replicas < wva_.kv_spare_trigger ||
           wva_.queue_length_threshold - queue / replicas < wva_.queue_spare_trigger;
  }

  void remember(const PoolSight& pool) {
    std::erase_if(seen_, [&](const Seen& seen) {
      return seen.at <= pool.at - kRemembered ||
             std::ranges::find(pool.ready, seen.replica, &ReplicaSight::replica) == pool.ready.end();
    });
    for (const ReplicaSight& replica : pool.ready) {
      seen_.push_back({pool.at, replica.replica, replica.gauges});
    }
  }

  Peak peak_of(EngineIndex replica) const {
    Peak peak;
    for (const Seen& seen : seen_) {
      if (seen.replica != replica) continue;
      peak.kv = std::max(peak.kv, seen.gauges.kv_usage);
      peak.queue = std::max(peak.queue, static_cast<double>(seen.gauges.waiting));
    }
    return peak;
  }

  const WvaConfig wva_;
  const int least_, most_;
  std::vector<Seen> seen_;  // within the minute, of replicas that are ready
};

}  // namespace

MadeAutoscaler make_wva_v1(const ScalingConfig& config) {
  return std::make_unique<WvaV1>(config);
}

}  // namespace blis
