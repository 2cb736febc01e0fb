#include "sim/fleet/epp/saturation.h"

#include <algorithm>

namespace blis {
namespace {

double fullness(const SaturationRule& rule, const ReplicaLoad& load, Time at) {
  if (load.scraped_at != kUnset && at - load.scraped_at > rule.stale_after) return 1;
  return std::max(load.scraped.waiting / rule.queue_depth, load.scraped.kv_usage / rule.kv_usage);
}

}  // namespace

double saturation(const SaturationRule& rule, std::span<const ReplicaLoad> loads,
                  std::span<const std::size_t> serving, Time at) {
  if (serving.empty()) return 1;
  const auto endpoints = static_cast<double>(serving.size());
  if (rule.kind == SaturationRule::Kind::concurrency) {
    std::int64_t requests = 0;
    for (const std::size_t replica : serving) requests += loads[replica].requests;
    return static_cast<double>(requests) / (rule.concurrency * endpoints);
  }
  double sum = 0;
  for (const std::size_t replica : serving) sum += fullness(rule, loads[replica], at);
  return sum / endpoints;
}

}  // namespace blis
