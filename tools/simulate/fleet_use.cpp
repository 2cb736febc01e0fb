#include "tools/simulate/fleet_use.h"

#include <algorithm>

namespace blis {
namespace {

// Calls `visit(replicas, duration)` for each piece of [begin, end) in which the number stays; at least once.
template <class Visit>
void for_each_piece(const PoolScaling& pool, Time begin, Time end, Visit visit) {
  auto next = std::ranges::upper_bound(pool.counts, begin, {}, &ReplicaCount::at);
  for (Time at = begin;; ++next) {
    const std::int32_t replicas =
        next == pool.counts.begin() ? next->with_gpus() : std::prev(next)->with_gpus();
    const Time until = next == pool.counts.end() ? end : std::min(next->at, end);
    visit(replicas, until - at);
    at = until;
    if (at >= end) return;
  }
}

}  // namespace

double mean_replicas(const PoolScaling& pool, Time begin, Time end) {
  std::int64_t sum = 0;
  std::int32_t first = -1;
  for_each_piece(pool, begin, end, [&](std::int32_t replicas, Duration piece) {
    if (first < 0) first = replicas;
    sum += replicas * piece.count();
  });
  return end > begin ? static_cast<double>(sum) / static_cast<double>((end - begin).count()) : first;
}

FleetUse fleet_use(const BuiltSimulation& built, const RunResult& run, const Metrics& metrics,
                   const MetricsOptions& options) {
  const std::vector<Pool>& pools = built.config.pools;
  FleetUse use{.gpus = static_cast<double>(total_gpus(pools)),
               .usd_per_hour = built.resolved.usd_per_hour(),
               .scaled = {}};
  const RequestIndex measured = first_measured(run, options);
  const Time begin = measured < run.requests.size() ? run.requests[measured].arrival : Time{};
  const Time end = begin + to_duration(Seconds(metrics.duration_s));
  for (const PoolScaling& scaling : run.scaling) {
    const Pool& pool = pools[scaling.pool];
    ScaledPoolUse scaled{.name = pool.name,
                         .gpus = pool.gpus,
                         .mean = mean_replicas(scaling, begin, end),
                         .least = pool.places(),
                         .ups = scaling.ups,
                         .downs = scaling.downs};
    for_each_piece(scaling, begin, end, [&](std::int32_t replicas, Duration) {
      scaled.least = std::min(scaled.least, replicas);
      scaled.most = std::max(scaled.most, replicas);
    });
    const double unused = (pool.places() - scaled.mean) * pool.gpus;
    use.gpus -= unused;
    const auto& hardware = pools_of(built.resolved)[scaling.pool].scenario.hardware;
    if (use.usd_per_hour) *use.usd_per_hour -= unused * hardware.price_usd_per_gpu_hour.value_or(0);
    use.scaled.push_back(std::move(scaled));
  }
  use.gpu_hours = use.gpus * metrics.duration_s / 3600;
  return use;
}

}  // namespace blis
